import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { runCli } from '../../src/cli/cli.js';
import { systemClock } from '../../src/core/clock.js';
import { makeId } from '../../src/core/ids.js';
import { Secret } from '../../src/platform/config/secret.js';
import { Database } from '../../src/platform/database/database.js';
import { PrismaService } from '../../src/platform/database/prisma.service.js';
import { BodiesStore, type BodyName } from '../../src/usage/bodies/bodies.store.js';
import { packBody } from '../../src/usage/bodies/body.js';
import { BodySealing } from '../../src/usage/bodies/body-sealing.js';
import { KeptBodies } from '../../src/usage/bodies/kept-bodies.js';
import type { ExplainedRequestDto } from '../../src/usage/requests/explained-request.dto.js';
import { testConfig } from '../support/config.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { makeHousekeeping } from '../support/housekeeping.js';
import { query } from '../support/query.js';
import { makeScratch, removeScratch } from '../support/scratch.js';
import { silentLog } from '../support/silent-log.js';

const [OLD, NEW, LOST] = ['an-old', 'a-new', 'a-lost'].map((name) => `${name}-key-of-more-than-32-characters`) as [string, string, string];
const NOW = '2024-06-15T12:00:00Z';

let server: TestDatabase;
let database: Database;
let prisma: PrismaService;
let store: BodiesStore;

beforeAll(async () => {
  server = await createDatabase();
  database = await Database.open({ databaseUrl: server.url, dataDir: '' }, silentLog, systemClock);
  prisma = new PrismaService(database);
  await prisma.onModuleInit();
  store = new BodiesStore(prisma);
});

afterAll(async () => {
  await database.close();
  await server.drop();
});

/** The bodies of a call, sealed with this secret. */
async function keep(secret: string, at: string, text: string): Promise<BodyName> {
  const sealing = new BodySealing([new Secret(secret)]);
  const admittedAt = new Date(at);
  const callId = makeId(admittedAt.getTime());
  const packed = await packBody({ text, bytes: text.length, cut: false, redacted: false });
  const request = sealing.seal(packed, { callId, part: 'request' });
  await store.insert([{ callId, admittedAt, secretId: sealing.newestId!, request, answer: null }]);
  return { callId, admittedAt };
}

async function read({ callId, admittedAt }: BodyName, ...secrets: string[]) {
  const { keys } = testConfig({ keys: { secretKeys: secrets.map((secret) => new Secret(secret)) } });
  const call = { id: callId, admitted_at: admittedAt.toISOString() } as ExplainedRequestDto;
  return (await new KeptBodies(store, { keys }).addTo(call)).bodies;
}

describe('stored bodies', () => {
  afterEach(() => query(server.url, 'TRUNCATE bodies'));

  it('are written once, and found by their call', async () => {
    const name = await keep(NEW, NOW, 'said');
    const sealed = await store.find(name);

    await store.insert([{ ...name, secretId: 'other', request: Buffer.from('other'), answer: Buffer.from('other') }]);

    expect(await store.find(name)).toEqual(sealed);
    expect(await store.find({ ...name, callId: makeId(0) })).toBeUndefined();
  });

  it('open with each secret, and say which one is missing', async () => {
    const name = await keep(OLD, NOW, 'said');

    expect((await read(name, NEW, OLD))!.request).toMatchObject({ text: 'said', unreadable: null });
    expect((await read(name, NEW))!.request).toMatchObject({
      text: null,
      unreadable: expect.stringContaining('not among TOLLGATE_SECRET_KEYS'),
    });
    expect((await read(name))!.request!.unreadable).toContain('not among TOLLGATE_SECRET_KEYS');
  });
});

describe('tollgate bodies reseal', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await makeScratch();
  });

  afterEach(async () => {
    await query(server.url, 'TRUNCATE bodies');
    await removeScratch(folder);
  });

  async function reseal(...secrets: string[]) {
    let out = '';
    const write = (text: string) => (out += text);
    const env = { DATABASE_URL: server.url, TOLLGATE_SECRET_KEYS: secrets.join(',') };
    const code = await runCli(['bodies', 'reseal', '--json'], { out: { write }, error: { write }, sources: { env, cwd: folder } });
    return { code, said: JSON.parse(out) as { resealed: number; unreadable: Record<string, number> } };
  }

  it('lets an old secret go, however many bodies there are', async () => {
    const names: BodyName[] = [];
    for (let at = 0; at < 70; at += 1) names.push(await keep(OLD, `2024-06-15T12:00:${String(at % 3).padStart(2, '0')}Z`, `said ${at}`));
    const fresh = await keep(NEW, NOW, 'fresh');
    const before = await store.find(fresh);

    expect(await reseal(NEW, OLD)).toEqual({ code: 0, said: { resealed: 70, unreadable: {} } });
    expect(await reseal(NEW)).toEqual({ code: 0, said: { resealed: 0, unreadable: {} } });

    for (const [at, name] of names.entries()) expect((await read(name, NEW))!.request!.text).toBe(`said ${at}`);
    expect(await store.find(fresh)).toEqual(before);
  });

  it('leaves as it is what none of the secrets opens, and says so', async () => {
    const lost = await keep(LOST, NOW, 'lost');
    const old = await keep(OLD, NOW, 'old');
    const before = await store.find(lost);

    const { code, said } = await reseal(NEW, OLD);

    expect(code).toBe(1);
    expect(said).toEqual({ resealed: 1, unreadable: { [before!.secretId]: 1 } });
    expect(await store.find(lost)).toEqual(before);
    expect((await read(old, NEW))!.request!.text).toBe('old');
  });

  it('needs a secret', async () => {
    expect(await reseal()).toMatchObject({ code: 1, said: { error: { message: expect.stringContaining('Set TOLLGATE_SECRET_KEYS') } } });
  });
});

describe('the days of bodies', () => {
  afterEach(async () => {
    await query(server.url, 'TRUNCATE bodies');
    for (const day of await days()) await query(server.url, `DROP TABLE ${day}`);
  });

  const days = async (): Promise<readonly string[]> => {
    const sql = `SELECT inhrelid::regclass::text AS day FROM pg_inherits
      WHERE inhparent = 'bodies'::regclass AND inhrelid <> 'bodies_default'::regclass ORDER BY 1`;
    return (await query<{ day: string }>(server.url, sql)).map(({ day }) => day);
  };
  const places = async (): Promise<readonly string[]> => {
    const sql = 'SELECT tableoid::regclass::text AS place FROM bodies ORDER BY admitted_at';
    return (await query<{ place: string }>(server.url, sql)).map(({ place }) => place);
  };

  async function keepHouse(now: string, bodiesDays = 0, storesBodies = true) {
    const { housekeeping, logs } = makeHousekeeping({ url: server.url, now, bodiesDays, storesBodies });
    expect(await housekeeping.run()).toBe('finished');
    return logs.filter(({ event }) => String(event).startsWith('bodies_') || event === 'old_rows_deleted');
  }

  it('are made for now and a week, once, with what waits for them', async () => {
    await keep(NEW, '2024-06-15T23:59:59.999Z', 'said');
    await keep(NEW, '2024-06-14T23:59:59.999Z', 'said');

    const logs = await keepHouse(NOW);
    expect(await keepHouse(NOW)).toEqual([]);

    expect(await days()).toEqual(['15', '16', '17', '18', '19', '20', '21', '22'].map((day) => `bodies_2024_06_${day}`));
    expect(logs.slice(0, 2)).toMatchObject([
      { event: 'bodies_day_made', partition: 'bodies_2024_06_15', moved_rows: 1 },
      { event: 'bodies_day_made', partition: 'bodies_2024_06_16', moved_rows: 0 },
    ]);
    expect(await places()).toEqual(['bodies_default', 'bodies_2024_06_15']);
  });

  it('are not made where no bodies are kept', async () => {
    await keepHouse(NOW, 30, false);

    expect(await days()).toEqual([]);
  });

  it('are dropped when all of a day is old, also where no bodies are kept any more', async () => {
    await keepHouse('2024-05-15T00:00:00Z');
    await keep(NEW, '2024-05-15T12:00:00Z', 'old');
    await keep(NEW, '2024-05-16T11:00:00Z', 'partly old');
    await keep(NEW, '2024-05-01T00:00:00Z', 'old without a day');

    const logs = await keepHouse(NOW, 30, false);

    const before = '2024-05-16T12:00:00.000Z';
    expect(logs).toMatchObject([
      { event: 'bodies_day_dropped', partition: 'bodies_2024_05_15', rows: 1, before },
      { event: 'old_rows_deleted', table: 'bodies_default', rows: 1, before },
    ]);
    expect(await places()).toEqual(['bodies_2024_05_16']);
    expect((await days())[0]).toBe('bodies_2024_05_16');
  });

  it('are kept for ever where that is wished', async () => {
    await keepHouse('2024-05-15T00:00:00Z');

    expect(await keepHouse(NOW, 0, false)).toEqual([]);
    expect(await days()).toHaveLength(8);
  });
});
