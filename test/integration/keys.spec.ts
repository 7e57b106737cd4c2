import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Caller } from '../../src/core/caller.js';
import { systemClock } from '../../src/core/clock.js';
import { deliverFirstKeys, KeysService, KeysStore, makeFirstKeys, type KeyWishes } from '../../src/keys/index.js';
import { Database, PrismaService, Secret, type StaticKey } from '../../src/platform/index.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { query } from '../support/query.js';
import { silentLog } from '../support/silent-log.js';

const NOW_MS = Date.parse('2026-11-21T12:00:00Z');
const STATIC: StaticKey = { name: 'app', key: new Secret('a-static-key-for-app') };

/** The real store, which also counts what it is asked. */
class CountingStore extends KeysStore {
  questions = 0;

  override findByPublicIds(publicIds: readonly string[]) {
    this.questions += 1;
    return super.findByPublicIds(publicIds);
  }
}

let testDatabase: TestDatabase;
let database: Database;
let prisma: PrismaService;

beforeAll(async () => {
  testDatabase = await createDatabase();
  database = await Database.open({ databaseUrl: testDatabase.url, dataDir: '' }, silentLog, systemClock);
  prisma = new PrismaService(database);
  await prisma.onModuleInit();
});

afterAll(async () => {
  await prisma.$disconnect();
  await database.close();
  await testDatabase.drop();
});

beforeEach(async () => {
  await prisma.apiKey.deleteMany();
});

describe('KeysService', () => {
  it('knows again whom it made a key for', async () => {
    const { keys } = gateway();
    const { key, record } = await keys.create({ name: 'my-app', role: 'viewer' });

    const caller: Caller = { keyId: record.id, keyName: 'my-app', role: 'viewer', tenant: record.id };
    expect(await keys.authenticate(key)).toEqual(caller);
  });

  it('keeps neither a key nor its secret', async () => {
    const { keys } = gateway();
    const { key, record } = await keys.create({ name: 'my-app', role: 'client' });

    const stored = await everythingStored();
    expect(stored).toContain(record.publicId);
    expect(stored).not.toContain(key.split('-')[2]);
  });

  it('answers without a promise, and without a question, when it knows the key', async () => {
    const { keys, store, clock } = gateway();
    const { key } = await keys.create({ name: 'my-app', role: 'client' });
    await keys.authenticate(key);

    for (let call = 0; call < 100; call += 1) {
      clock.ms += 20;
      expect(keys.authenticate(key)).toMatchObject({ keyName: 'my-app' });
    }
    expect(store.questions).toBe(1);
  });

  it('takes static keys before any other, without the database', () => {
    const { keys, store } = gateway({ clients: [STATIC] });

    expect(keys.authenticate('a-static-key-for-app')).toEqual({
      keyId: 'client:app',
      keyName: 'app',
      role: 'client',
      tenant: 'client:app',
    });
    expect(store.questions).toBe(0);
  });

  it('says the same of unknown, wrong, revoked, expired and nonsensical keys', async () => {
    const { keys } = gateway({ clients: [STATIC] });
    const good = await keys.create({ name: 'good', role: 'client' });
    const revoked = await keys.create({ name: 'revoked', role: 'client' });
    const expired = await keys.create({ name: 'expired', role: 'client', expiresAt: NOW_MS });
    await keys.revoke(revoked.record.publicId);
    const presented = [
      good.key.replace(/-\w+$/, `-${'s'.repeat(36)}`),
      good.key.replace(good.record.publicId, 'abcdefghjkmn'),
      `${good.key}x`,
      revoked.key,
      expired.key,
      'a-static-key-for-ap',
      'sk-nonsense',
    ];

    const cold = await Promise.all(presented.map((key) => refusalOf(keys, key)));
    const warm = await Promise.all(presented.map((key) => refusalOf(keys, key)));

    expect(new Set([...cold, ...warm])).toEqual(
      new Set(['unauthenticated: This API key is not valid. Check that it is complete, or ask an administrator for a new one.']),
    );
  });

  it('ends a key on time', async () => {
    const { keys, clock } = gateway();
    const { key } = await keys.create({ name: 'short', role: 'client', expiresAt: NOW_MS + 1_000 });
    expect(await keys.authenticate(key)).toBeDefined();

    clock.ms = 999;
    expect(keys.authenticate(key)).toBeDefined();
    clock.ms = 1_000;
    expect(() => keys.authenticate(key)).toThrow('not valid');
  });

  it('refuses a revoked key at once where it was revoked, and within 5 s elsewhere, however busy it is', async () => {
    const [here, elsewhere] = [gateway(), gateway()];
    const { key, record } = await here.keys.create({ name: 'my-app', role: 'client' });
    await Promise.all([here.keys.authenticate(key), elsewhere.keys.authenticate(key)]);
    await here.keys.revoke(record.publicId);

    await expect(refusalOf(here.keys, key)).resolves.toContain('not valid');
    elsewhere.clock.ms = 2_400;
    expect(elsewhere.keys.authenticate(key)).toBeDefined();
    elsewhere.clock.ms = 5_000;
    await expect(refusalOf(elsewhere.keys, key)).resolves.toContain('not valid');
  });

  it('asks the database once for a thousand calls with one new key', async () => {
    const { key } = await gateway().keys.create({ name: 'my-app', role: 'client' });
    const { keys, store } = gateway();

    const callers = await Promise.all(Array.from({ length: 1_000 }, async () => keys.authenticate(key)));

    expect(callers.every(({ keyName }) => keyName === 'my-app')).toBe(true);
    expect(store.questions).toBe(1);
  });

  it('asks the database once for a thousand made-up keys, and not again for 2 s', async () => {
    const { keys, store, clock } = gateway();
    const made = Array.from({ length: 1_000 }, (_, at) => `tg-${toPublicId(at)}-${'s'.repeat(36)}`);

    await Promise.all(made.map((key) => refusalOf(keys, key)));
    clock.ms = 1_999;
    await Promise.all(made.map((key) => refusalOf(keys, key)));

    expect(store.questions).toBe(1);
  });

  it('knows a key that another process has just made', async () => {
    const { keys } = gateway();
    const { key } = await gateway().keys.create({ name: 'my-app', role: 'client' });

    expect(await keys.authenticate(key)).toMatchObject({ keyName: 'my-app' });
  });

  it('lists keys newest first, with what became of them and without their secrets', async () => {
    const { keys, clock } = gateway();
    await keys.create({ name: 'first', role: 'client' });
    clock.ms = 1;
    const second = await keys.create({ name: 'second', role: 'admin', expiresAt: NOW_MS + 60_000 });
    clock.ms = 2;
    await keys.revoke(second.record.publicId);

    const listed = await keys.list();

    expect(listed).toEqual([
      { ...second.record, revokedAt: NOW_MS + 2 },
      expect.objectContaining({ name: 'first', expiresAt: undefined, revokedAt: undefined }),
    ]);
    expect(Object.keys(listed[0]!)).not.toContain('secretHash');
  });

  it('keeps the time of the first revocation, and says when there is nothing to revoke', async () => {
    const { keys, clock } = gateway();
    const { record } = await keys.create({ name: 'my-app', role: 'client' });
    await keys.revoke(record.publicId);
    clock.ms = 60_000;

    expect(await keys.revoke(record.publicId)).toMatchObject({ revokedAt: NOW_MS });
    expect(await keys.revoke('abcdefghjkmn')).toBeUndefined();
  });

  it('gives no rights to a role that it does not know', async () => {
    const { keys } = gateway();
    const { key, record } = await keys.create({ name: 'my-app', role: 'client' });
    await prisma.apiKey.update({ where: { id: record.id }, data: { role: 'emperor' } });

    await expect(refusalOf(keys, key)).resolves.toContain('not valid');
  });

  it('makes all keys or none', async () => {
    const { keys } = gateway();
    const broken = { name: 'nul \u0000', role: 'client' } as KeyWishes;

    await expect(keys.createAll([{ name: 'fine', role: 'client' }, broken])).rejects.toThrow();

    expect(await keys.list()).toEqual([]);
  });
});

describe('the first keys', () => {
  const nothing = { keys: { clients: [], admins: [], metricsToken: undefined, secretKeys: [] } };

  it('are an admin and a client, made once', async () => {
    const { keys } = gateway();

    const first = await makeFirstKeys(keys, { embedded: true, config: nothing });

    expect(await keys.authenticate(first!.admin.key)).toMatchObject({ keyName: 'first-admin', role: 'admin' });
    expect(await keys.authenticate(first!.client.key)).toMatchObject({ keyName: 'first-client', role: 'client' });
    expect(await makeFirstKeys(keys, { embedded: true, config: nothing })).toBeUndefined();
    expect(await keys.list()).toHaveLength(2);
  });

  it('are not made for a database that is shared, or where keys are configured', async () => {
    const { keys } = gateway();
    const configured = { keys: { ...nothing.keys, clients: [STATIC] } };

    expect(await makeFirstKeys(keys, { embedded: false, config: nothing })).toBeUndefined();
    expect(await makeFirstKeys(keys, { embedded: true, config: configured })).toBeUndefined();
    expect(await keys.list()).toEqual([]);
  });

  it('are shown on a terminal, and there only', async () => {
    const first = await makeFirstKeys(gateway().keys, { embedded: true, config: nothing });
    const dataDir = await mkdtemp(path.join(tmpdir(), 'tollgate-test-'));
    const [screen, pipe] = [terminal(true), terminal(false)];

    expect(await deliverFirstKeys(first!, screen, dataDir)).toBeUndefined();
    const file = await deliverFirstKeys(first!, pipe, path.join(dataDir, 'new'));

    expect(screen.text).toContain(first!.admin.key);
    expect(pipe.text).toBe('');
    const content = await readFile(file!, 'utf8');
    expect([first!.admin.key, first!.client.key].every((key) => content.includes(key))).toBe(true);
    expect((await stat(file!)).mode & 0o777).toBe(0o600);
    await rm(dataDir, { recursive: true });
  });
});

/** A gateway's keys as after its start, at a time that the test moves. */
function gateway({ clients = [] }: { clients?: readonly StaticKey[] } = {}) {
  const clock = { ms: 0, now: () => NOW_MS + clock.ms, elapsed: () => clock.ms };
  const store = new CountingStore(prisma);
  const config = { keys: { clients, admins: [], metricsToken: undefined, secretKeys: [] } };
  return { clock, store, keys: new KeysService(store, config, clock, silentLog) };
}

async function refusalOf(keys: KeysService, key: string): Promise<string> {
  try {
    await keys.authenticate(key);
  } catch (error) {
    const { kind, message } = error as { kind: string; message: string };
    return `${kind}: ${message}`;
  }
  throw new Error('expected a refusal');
}

async function everythingStored(): Promise<string> {
  return JSON.stringify(await query(testDatabase.url, 'select k::text as row from api_keys k'));
}

/** A public id that no key has, for each number another. */
function toPublicId(number: number): string {
  const letters = number.toString(8).replace(/./g, (digit) => 'abcdefgh'[Number(digit)]!);
  return letters.padStart(12, 'z');
}

function terminal(isTTY: boolean) {
  const written = { isTTY, text: '', write: (text: string) => void (written.text += text) };
  return written;
}
