import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { runCli } from '../../src/cli/cli.js';
import { systemClock } from '../../src/core/clock.js';
import type { NamedProviderId, ProviderAccount, ProviderId } from '../../src/core/provider-state.js';
import { Database, PrismaService } from '../../src/platform/index.js';
import { ProviderStateStore } from '../../src/routing/provider-state/provider-state.store.js';
import { StoredProviderState } from '../../src/routing/provider-state/stored-provider-state.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { Gate } from '../support/gate.js';
import { keysOver } from '../support/keys.js';
import { query } from '../support/query.js';
import { makeScratch, removeScratch } from '../support/scratch.js';
import { silentLog } from '../support/silent-log.js';
import { inTime } from '../support/in-time.js';

const AT: ProviderAccount = { provider: 'openai', account: 'ba7816bf8f01cfea' };
const ELSEWHERE: ProviderAccount = { provider: 'openai', account: 'e3b0c44298fc1c14' };
const OURS = { tenant: 'ours' };
const THEIRS = { tenant: 'theirs' };
/** What a call may wait for stores in all, and a little for a busy machine. */
const IN_TIME_MS = 250;

const FAULTS = {
  refuses: { begin: (gate: Gate) => gate.shut(), end: (gate: Gate) => gate.open() },
  hangs: { begin: (gate: Gate) => gate.silence(), end: (gate: Gate) => gate.restore() },
} as const;

let server: TestDatabase;
let gate: Gate;
let database: Database;
let prisma: PrismaService;
let repair: (() => unknown) | undefined;
let made = 0;

beforeAll(async () => {
  server = await createDatabase();
  gate = await Gate.before(server.url);
  await gate.open();
  database = await Database.open({ databaseUrl: gate.url, dataDir: '' }, silentLog, systemClock);
  prisma = new PrismaService(database);
  await prisma.onModuleInit();
});

afterEach(async () => {
  await repair?.();
  repair = undefined;
});

afterAll(async () => {
  await prisma.$disconnect();
  await database.close();
  await gate.shut();
  await server.drop();
});

describe('provider state', () => {
  it('binds an id to its tenant and account, for every replica and over a restart', async () => {
    const [one, other] = [replica(), replica()];
    const id = newId();
    one.remember('ours', AT, [id]);
    await one.onApplicationShutdown();

    expect(await other.resolve(OURS, [named(id)])).toEqual({ ...AT, field: 'previous_response_id' });
    expect(await stored(id)).toEqual([{ ...AT, ...id, tenant: 'ours', created_at: expect.any(Date) }]);
  });

  it('stores an id by itself, soon enough for another replica to be asked at once', async () => {
    const [one, other] = [replica(), replica()];
    const askAtOnce = async (): Promise<unknown> => {
      const id = newId();
      const asked = Promise.resolve(other.resolve(OURS, [named(id)])).catch(() => undefined);
      one.remember('ours', AT, [id]);
      return asked;
    };

    // A busy machine may be late, though not each time.
    await eventually(async () => (await askAtOnce()) !== undefined);
  });

  it('says of another’s id what it says of one that does not exist', async () => {
    const state = replica();
    const id = newId();
    state.remember('theirs', AT, [id]);
    await state.onApplicationShutdown();

    const [foreign, unknown] = [await refusal(replica(), id, OURS), await refusal(replica(), newId(), OURS)];

    expect(foreign).toEqual(unknown);
    expect(foreign).toMatchObject({ kind: 'not_found', details: { param: 'previous_response_id' } });
    expect(await replica().resolve(THEIRS, [named(id)])).toMatchObject(AT);
  });

  it('tells kinds apart that share an id', async () => {
    const state = replica();
    const id = newId();
    state.remember('ours', AT, [{ ...id, kind: 'file' }]);
    await state.onApplicationShutdown();

    expect(await refusal(replica(), id, OURS)).toMatchObject({ kind: 'not_found' });
  });

  it('lets a key that may use what was made elsewhere, and pins it to nothing', async () => {
    const state = replica();
    const id = newId();
    state.remember('theirs', AT, [id]);
    await state.onApplicationShutdown();
    const trusted = { ...OURS, allowProviderState: true };

    expect(await replica().resolve(trusted, [named(newId())])).toBeUndefined();
    expect(await refusal(replica(), id, trusted)).toMatchObject({ kind: 'not_found' });
  });

  it('gives an id to one tenant when many are given it at once, and all replicas agree on whom', async () => {
    const ids = Array.from({ length: 200 }, newId);
    const tenants = Array.from({ length: 8 }, (_, at) => ({ tenant: `tenant-${at}`, state: replica() }));

    for (const [at, { tenant, state }] of tenants.entries()) state.remember(tenant, AT, at % 2 === 0 ? ids : ids.toReversed());
    await Promise.all(tenants.map(({ state }) => state.onApplicationShutdown()));

    const rows = await query<{ id: string; tenant: string }>(
      server.url,
      `SELECT id, tenant FROM provider_ids WHERE tenant LIKE 'tenant-%'`,
    );
    expect(rows).toHaveLength(ids.length);
    const owner = new Map(rows.map(({ id, tenant }) => [id, tenant]));
    for (const { tenant, state } of tenants) {
      const [first] = ids;
      const isOwner = owner.get(first!.id) === tenant;
      const answer = Promise.resolve(state.resolve({ tenant }, [named(first!)])).then(
        () => true,
        () => false,
      );
      expect(await answer).toBe(isOwner);
    }
  });

  it('knows the same id at two accounts, each with its own tenant', async () => {
    const state = replica();
    const id = newId();
    state.remember('ours', AT, [id]);
    state.remember('theirs', ELSEWHERE, [id]);
    await state.onApplicationShutdown();

    expect(await replica().resolve(OURS, [named(id)])).toMatchObject(AT);
    expect(await replica().resolve(THEIRS, [named(id)])).toMatchObject(ELSEWHERE);
  });

  it('refuses ids of two accounts in one call', async () => {
    const state = replica();
    const [a, b] = [newId(), newId()];
    state.remember('ours', AT, [a]);
    state.remember('ours', ELSEWHERE, [b]);
    await state.onApplicationShutdown();

    await expect(replica().resolve(OURS, [named(a), named(b)])).rejects.toMatchObject({ kind: 'invalid_request' });
  });

  it('stores thousands of ids, each once', async () => {
    const state = replica();
    const ids = Array.from({ length: 3_000 }, newId);

    state.remember('thousands', AT, ids);
    state.remember('thousands', AT, ids);
    await state.onApplicationShutdown();

    expect(await query(server.url, `SELECT 1 FROM provider_ids WHERE tenant = 'thousands'`)).toHaveLength(3_000);
    expect(
      await replica().resolve(
        { tenant: 'thousands' },
        ids.map((id) => named(id)),
      ),
    ).toMatchObject(AT);
  });

  describe.each(['refuses', 'hangs'] as const)('while the database %s', (fault) => {
    it('knows what memory knows, passes nothing else, and answers in time', async () => {
      const state = replica();
      const [before, meanwhile] = [newId(), newId()];
      state.remember('ours', AT, [before]);
      await breakIt(fault);
      state.remember('ours', AT, [meanwhile]);

      expect(state.resolve(OURS, [named(before), named(meanwhile)])).toMatchObject(AT);
      for (const caller of [OURS, { ...OURS, allowProviderState: true }]) {
        const refused = await inTime(IN_TIME_MS, () => refusal(state, newId(), caller));
        expect(refused).toMatchObject({ kind: 'service_unavailable', details: { retryAfterMs: 2_000 } });
      }
    });

    it('stores what came meanwhile when the database is back', async () => {
      const state = replica();
      const id = newId();
      await breakIt(fault);
      state.remember('ours', AT, [id]);
      await refusal(state, newId(), OURS);

      await repair?.();
      repair = undefined;

      await eventually(async () => (await stored(id)).length === 1);
    });
  });
});

describe('the right to use what was made outside the gateway', () => {
  it('is given with a key on the command line, shown, and known to the gateway', async () => {
    const cwd = await makeScratch();
    const key = await tollgate('keys create --name trusted --allow-provider-state --json', cwd);
    const other = await tollgate('keys create --name other --json', cwd);
    const listed = await tollgate('keys list', cwd);
    await removeScratch(cwd);

    const { key: text, allow_provider_state: right } = JSON.parse(key) as { key: string; allow_provider_state: boolean };
    const { key: otherText } = JSON.parse(other) as { key: string };
    const { authenticator } = keysOver(prisma);
    expect(right).toBe(true);
    expect(await authenticator.authenticate(text)).toMatchObject({ caller: { keyName: 'trusted', allowProviderState: true } });
    expect((await authenticator.authenticate(otherText)).caller.allowProviderState).toBeUndefined();
    expect(listed).toMatch(/trusted +client, provider state +active/);
    expect(listed).toMatch(/other +client +active/);
  });
});

/** A gateway's state as after its start. */
function replica(): StoredProviderState {
  return new StoredProviderState(new ProviderStateStore(prisma), systemClock, silentLog);
}

function newId(): ProviderId {
  made += 1;
  return { kind: 'response', id: `resp_${made}` };
}

function named(id: ProviderId): NamedProviderId {
  return { ...id, field: 'previous_response_id' };
}

function stored({ id }: ProviderId) {
  return query(server.url, `SELECT * FROM provider_ids WHERE id = '${id}'`);
}

async function breakIt(fault: keyof typeof FAULTS): Promise<void> {
  await FAULTS[fault].begin(gate);
  repair = () => FAULTS[fault].end(gate);
}

async function refusal(state: StoredProviderState, id: ProviderId, caller: { tenant: string; allowProviderState?: boolean }) {
  try {
    await state.resolve(caller, [named(id)]);
  } catch (error) {
    const { kind, message, details } = error as { kind: string; message: string; details: { param?: string; retryAfterMs?: number } };
    return { kind, message, details };
  }
  throw new Error('expected a refusal');
}

async function tollgate(line: string, cwd: string): Promise<string> {
  let out = '';
  const sink = { write: (text: string) => (out += text) };
  await runCli(line.split(' '), { out: sink, error: sink, sources: { env: { DATABASE_URL: server.url }, cwd } });
  return out;
}
