import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Caller } from '../../src/core/caller.js';
import { systemClock } from '../../src/core/clock.js';
import { deliverFirstKeys, makeFirstKeys, type KeyWishes } from '../../src/keys/index.js';
import { Audit, Database, PrismaService, Secret, type StaticKey } from '../../src/platform/index.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { keysOver } from '../support/keys.js';
import { query } from '../support/query.js';
import { silentLog } from '../support/silent-log.js';

const NOW_MS = Date.parse('2026-11-21T12:00:00Z');
const ANN = { id: 'key-ann', name: 'Ann' };
const STATIC: StaticKey = { name: 'app', key: new Secret('a-static-key-for-app') };

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
    const { keys, authenticate } = gateway();
    const { key, record } = await keys.create({ name: 'my-app', role: 'viewer' });

    const caller: Caller = { keyId: record.id, keyName: 'my-app', role: 'viewer', tenant: record.id };
    expect(await authenticate(key)).toMatchObject({ caller, restrictions: undefined });
  });

  it('keeps neither a key nor its secret', async () => {
    const { keys } = gateway();
    const { key, record } = await keys.create({ name: 'my-app', role: 'client' });

    const stored = await everythingStored();
    expect(stored).toContain(record.publicId);
    expect(stored).not.toContain(key.split('-')[2]);
  });

  it('answers without a promise, and without a question, when it knows the key', async () => {
    const { keys, store, clock, authenticate } = gateway();
    const { key } = await keys.create({ name: 'my-app', role: 'client' });
    await authenticate(key);

    for (let call = 0; call < 100; call += 1) {
      clock.ms += 140;
      expect(authenticate(key)).toMatchObject({ caller: { keyName: 'my-app' } });
    }
    expect(store.questions).toBe(1);
  });

  it('takes static keys before any other, without the database', () => {
    const { store, authenticate } = gateway({ clients: [STATIC] });

    expect(authenticate('a-static-key-for-app')).toEqual({
      caller: { keyId: 'client:app', keyName: 'app', role: 'client', tenant: 'client:app' },
    });
    expect(store.questions).toBe(0);
  });

  it('says the same of unknown, wrong and nonsensical keys', async () => {
    const { keys, authenticate } = gateway({ clients: [STATIC] });
    const good = await keys.create({ name: 'good', role: 'client' });
    const revoked = await keys.create({ name: 'revoked', role: 'client' });
    await keys.revoke(revoked.record.publicId);
    const presented = [
      good.key.replace(/-\w+$/, `-${'s'.repeat(36)}`),
      revoked.key.replace(/-\w+$/, `-${'s'.repeat(36)}`),
      good.key.replace(good.record.publicId, 'abcdefghjkmn'),
      `${good.key}x`,
      'a-static-key-for-ap',
      'sk-nonsense',
    ];

    const cold = await Promise.all(presented.map((key) => refusalOf(authenticate, key)));
    const warm = await Promise.all(presented.map((key) => refusalOf(authenticate, key)));

    expect(new Set([...cold, ...warm])).toEqual(
      new Set(['unauthenticated: This API key is not valid. Check that it is complete, or ask an administrator for a new one.']),
    );
  });

  it('ends a key on time', async () => {
    const { keys, clock, authenticate } = gateway();
    const { key } = await keys.create({ name: 'short', role: 'client', expiresAt: NOW_MS + 1_000 });
    expect(await authenticate(key)).toBeDefined();

    clock.ms = 999;
    expect(authenticate(key)).toBeDefined();
    clock.ms = 1_000;
    expect(() => authenticate(key)).toThrow('has expired');
  });

  it('refuses a revoked key at once where it was revoked', async () => {
    const { keys, authenticate } = gateway();
    const { key, record } = await keys.create({ name: 'my-app', role: 'client' });
    await authenticate(key);

    await keys.revoke(record.publicId);

    await expect(refusalOf(authenticate, key)).resolves.toContain('was revoked');
  });

  it.each([
    ['within a second where nothing can be heard', false, 400, 1_000],
    ['within 30 s where the message was missed', true, 14_000, 30_000],
  ])('refuses a revoked key in another process, however busy it is: %s', async (_, isListening, servedMs, refusedMs) => {
    const [here, elsewhere] = [gateway(), gateway({ isListening })];
    const { key, record } = await here.keys.create({ name: 'my-app', role: 'client' });
    await elsewhere.authenticate(key);
    await here.keys.revoke(record.publicId);

    elsewhere.clock.ms = servedMs;
    expect(elsewhere.authenticate(key)).toBeDefined();
    elsewhere.clock.ms = refusedMs;
    await expect(refusalOf(elsewhere.authenticate, key)).resolves.toContain('was revoked');
  });

  it('asks the database once for a thousand calls with one new key', async () => {
    const { key } = await gateway().keys.create({ name: 'my-app', role: 'client' });
    const { store, authenticate } = gateway();

    const found = await Promise.all(Array.from({ length: 1_000 }, async () => authenticate(key)));

    expect(found.every(({ caller }) => caller.keyName === 'my-app')).toBe(true);
    expect(store.questions).toBe(1);
  });

  it('asks the database once for a thousand made-up keys, and not again for 2 s', async () => {
    const { store, clock, authenticate } = gateway();
    const made = Array.from({ length: 1_000 }, (_, at) => `tg-${toPublicId(at)}-${'s'.repeat(36)}`);

    await Promise.all(made.map((key) => refusalOf(authenticate, key)));
    clock.ms = 1_999;
    await Promise.all(made.map((key) => refusalOf(authenticate, key)));

    expect(store.questions).toBe(1);
  });

  it('knows a key that another process has just made', async () => {
    const { authenticate } = gateway();
    const { key } = await gateway().keys.create({ name: 'my-app', role: 'client' });

    expect(await authenticate(key)).toMatchObject({ caller: { keyName: 'my-app' } });
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
    expect(Object.keys(second.record)).not.toContain('secretHash');
  });

  it('keeps the time of the first revocation, and says when there is nothing to revoke', async () => {
    const { keys, clock } = gateway();
    const { record } = await keys.create({ name: 'my-app', role: 'client' });
    await keys.revoke(record.publicId);
    clock.ms = 60_000;

    expect(await keys.revoke(record.publicId)).toMatchObject({ revokedAt: NOW_MS });
    expect(await keys.revoke('abcdefghjkmn')).toBeUndefined();
  });

  it('keeps everything that was decided about a key', async () => {
    const { keys } = gateway();
    const wishes = {
      name: 'restricted',
      role: 'client',
      disabled: true,
      expiresAt: NOW_MS + 60_000,
      models: ['gpt-4*'],
      routes: ['chat'],
      ipAllow: ['10.0.0.0/8'],
      tags: { app: 'search' },
      requestsPerMinute: 5,
      requestsPerHour: 0,
      tokensPerMinute: 1_000,
      concurrency: 2,
      allowProviderState: true,
    } as const;

    const { record } = await keys.create(wishes);

    expect(await keys.find(record.id)).toEqual({ ...record, ...wishes });
    expect(await keys.find(record.publicId)).toEqual({ ...record, ...wishes });
    expect(await keys.find('abcdefghjkmn')).toBeUndefined();
  });

  it('gives a key a new secret, and the old one until the overlap ends', async () => {
    const { keys, clock, authenticate } = gateway();
    const { key: old, record } = await keys.create({ name: 'my-app', role: 'client' });
    await authenticate(old);

    const rotated = await keys.rotate(record.id, 60_000, ANN);

    expect(rotated!.key).toMatch(new RegExp(`^tg-${record.publicId}-`));
    expect(rotated!.record).toEqual({ ...record, rotatedAt: NOW_MS, previousEndsAt: NOW_MS + 60_000 });
    expect(await authenticate(old)).toMatchObject({ caller: { keyId: record.id } });
    expect(await authenticate(rotated!.key)).toMatchObject({ caller: { keyId: record.id } });
    clock.ms = 60_000;
    expect(await authenticate(rotated!.key)).toBeDefined();
    await expect(refusalOf(authenticate, old)).resolves.toContain('was replaced by a new one');
  });

  it('keeps the last of two old secrets only', async () => {
    const { keys, authenticate } = gateway();
    const first = await keys.create({ name: 'my-app', role: 'client' });
    const second = await keys.rotate(first.record.id, 60_000, ANN);
    const third = await keys.rotate(first.record.id, 60_000, ANN);

    expect(await authenticate(second!.key)).toBeDefined();
    expect(await authenticate(third!.key)).toBeDefined();
    await expect(refusalOf(authenticate, first.key)).resolves.toContain('not valid');
  });

  it('records every change with what it was and what it has become, and no secret', async () => {
    const { keys } = gateway();
    const { record } = await keys.create({ name: 'my-app', role: 'client' }, ANN);
    await keys.change(record.id, { name: 'your-app' }, ANN);
    await keys.change(record.id, { name: 'your-app' }, ANN);
    const rotated = await keys.rotate(record.id, 0, ANN);
    await keys.revoke(record.id, ANN);
    await keys.revoke(record.id, ANN);
    await keys.delete(record.id, ANN);

    const entries = (await new Audit(prisma, systemClock).list({ limit: 100, entity: 'key' })).filter(
      ({ entityId }) => entityId === record.id,
    );
    expect(entries.map(({ action }) => action).sort()).toEqual(['change', 'create', 'delete', 'revoke', 'rotate']);
    const entry = (action: string) => entries.find((one) => one.action === action);
    expect(entry('create')).toMatchObject({ actor: ANN, before: undefined, after: { public_id: record.publicId, name: 'my-app' } });
    expect(entry('change')).toMatchObject({ before: { name: 'my-app' }, after: { name: 'your-app' } });
    expect(entry('delete')).toMatchObject({ before: { revoked_at: expect.any(String) }, after: undefined });
    expect(JSON.stringify(entries)).not.toContain(rotated!.key.split('-')[2]);
    expect(JSON.stringify(entries)).not.toMatch(/hash/i);
  });

  it('changes a key that many change at once by one after another', async () => {
    const { keys } = gateway();
    const { record } = await keys.create({ name: 'my-app', role: 'client' });
    const limits = Array.from({ length: 8 }, (_, at) => at + 1);

    await Promise.all(limits.map((limit) => keys.change(record.id, { requestsPerMinute: limit }, ANN)));

    const entries = await new Audit(prisma, systemClock).list({ limit: 100, actor: ANN.id });
    const changes = entries.filter(({ entityId, action }) => entityId === record.id && action === 'change');
    const next = new Map(changes.map(({ before, after }) => [before?.['requests_per_minute'], after?.['requests_per_minute']]));
    const chain: unknown[] = [];
    for (let at = next.get(null); at !== undefined && chain.length < 100; at = next.get(at)) chain.push(at);
    expect(new Set(chain)).toEqual(new Set(limits));
  });

  it('lists by name, role and state, in pages', async () => {
    const { keys, clock } = gateway();
    const make = (name: string, more: Partial<KeyWishes> = {}) => keys.create({ name, role: 'client', ...more });
    await make('Search 100%');
    await make('search_engine', { role: 'viewer' });
    await make('off', { disabled: true });
    await make('old', { expiresAt: NOW_MS + 1 });
    await keys.revoke((await make('gone', { disabled: true })).record.id);
    clock.ms = 1;
    const names = async (question: Parameters<typeof keys.list>[0]) => (await keys.list(question)).map(({ name }) => name).sort();

    expect(await names({ nameContains: 'SEARCH' })).toEqual(['Search 100%', 'search_engine']);
    expect(await names({ nameContains: '%' })).toEqual(['Search 100%']);
    expect(await names({ nameContains: 'h_e' })).toEqual(['search_engine']);
    expect(await names({ nameContains: '\\' })).toEqual([]);
    expect(await names({ role: 'viewer' })).toEqual(['search_engine']);
    expect(await names({ state: 'active' })).toEqual(['Search 100%', 'search_engine']);
    expect(await names({ state: 'disabled' })).toEqual(['off']);
    expect(await names({ state: 'expired' })).toEqual(['old']);
    expect(await names({ state: 'revoked' })).toEqual(['gone']);

    const all = await keys.list();
    const first = await keys.list({ limit: 2 });
    expect(first).toEqual(all.slice(0, 2));
    expect(await keys.list({ limit: 2, before: first[1]!.id })).toEqual(all.slice(2, 4));
  });

  it('gives no rights to a role that it does not know', async () => {
    const { keys, authenticate } = gateway();
    const { key, record } = await keys.create({ name: 'my-app', role: 'client' });
    await prisma.apiKey.update({ where: { id: record.id }, data: { role: 'emperor' } });

    await expect(refusalOf(authenticate, key)).resolves.toContain('not valid');
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
    const { keys, authenticate } = gateway();

    const first = await makeFirstKeys(keys, { embedded: true, config: nothing });

    expect(await authenticate(first!.admin.key)).toMatchObject({ caller: { keyName: 'first-admin', role: 'admin' } });
    expect(await authenticate(first!.client.key)).toMatchObject({ caller: { keyName: 'first-client', role: 'client' } });
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

type Authenticate = ReturnType<typeof gateway>['authenticate'];

/** A gateway's keys as after its start, at a time that the test moves. */
function gateway({ clients = [], isListening = true }: { clients?: readonly StaticKey[]; isListening?: boolean } = {}) {
  const clock = { ms: 0, now: () => NOW_MS + clock.ms, elapsed: () => clock.ms };
  const { keys, store, authenticator } = keysOver(prisma, { clock, clients, news: { isListening } });
  return { clock, store, keys, authenticate: (key: string) => authenticator.authenticate(key) };
}

async function refusalOf(authenticate: Authenticate, key: string): Promise<string> {
  try {
    await authenticate(key);
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
