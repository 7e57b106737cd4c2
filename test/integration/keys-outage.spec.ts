import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/core/clock.js';
import { Database, PrismaService } from '../../src/platform/index.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { Gate } from '../support/gate.js';
import { keysOver } from '../support/keys.js';
import { silentLog } from '../support/silent-log.js';
import { inTime } from '../support/in-time.js';

const MINUTE_MS = 60_000;
/** What a call may wait for stores in all. */
const IN_TIME_MS = 250;

const FAULTS = {
  refuses: { begin: (gate: Gate) => gate.shut(), end: (gate: Gate) => gate.open() },
  hangs: { begin: (gate: Gate) => gate.silence(), end: (gate: Gate) => gate.restore() },
} as const;

describe.each(['refuses', 'hangs'] as const)('while the database %s', (fault) => {
  let testDatabase: TestDatabase;
  let gate: Gate;
  let isFaulty = false;
  let database: Database;
  let prisma: PrismaService;

  beforeAll(async () => {
    testDatabase = await createDatabase();
    gate = await Gate.before(testDatabase.url);
    await gate.open();
    database = await Database.open({ databaseUrl: gate.url, dataDir: '' }, silentLog, systemClock);
    prisma = new PrismaService(database);
    await prisma.onModuleInit();
  });

  afterEach(() => repair());

  afterAll(async () => {
    await prisma.$disconnect();
    await database.close();
    await gate.shut();
    await testDatabase.drop();
  });

  it('serves keys it knows for 10 minutes, and only the first call waits', async () => {
    const { keys, clock, authenticate } = gateway();
    const { key } = await keys.create({ name: 'my-app', role: 'client' });
    await authenticate(key);
    await breakIt();

    clock.ms = MINUTE_MS;
    expect(await inTime(IN_TIME_MS, () => authenticate(key))).toMatchObject({ caller: { keyName: 'my-app' } });
    clock.ms = 10 * MINUTE_MS - 1;
    expect(authenticate(key)).toMatchObject({ caller: { keyName: 'my-app' } });

    clock.ms = 10 * MINUTE_MS;
    await expect(inTime(IN_TIME_MS, () => authenticate(key))).rejects.toMatchObject({ kind: 'service_unavailable' });
  });

  it('serves keys it knows although it has missed what changes were told', async () => {
    const { keys, known, authenticate } = gateway();
    const { key } = await keys.create({ name: 'my-app', role: 'client' });
    await authenticate(key);
    await breakIt();

    known.doubtAll();

    expect(await inTime(IN_TIME_MS, () => authenticate(key))).toMatchObject({ caller: { keyName: 'my-app' } });
    expect(authenticate(key)).toMatchObject({ caller: { keyName: 'my-app' } });
  });

  it('does not call an unknown key wrong, and answers in time', async () => {
    const { keys, authenticate } = gateway();
    const { key } = await keys.create({ name: 'my-app', role: 'client' });
    await breakIt();

    await expect(inTime(IN_TIME_MS, () => authenticate(key))).rejects.toMatchObject({
      kind: 'service_unavailable',
      details: { retryAfterMs: 2_000 },
    });
  });

  it('asks the database again as soon as it is back', async () => {
    const { keys, clock, authenticate } = gateway();
    const { key, record } = await keys.create({ name: 'my-app', role: 'client' });
    await authenticate(key);
    await breakIt();
    clock.ms = MINUTE_MS;
    await authenticate(key);
    await repair();
    await eventually(() => prisma.apiKey.count().then(Boolean, () => false));
    await keysOver(prisma).keys.revoke(record.publicId);

    await eventually(() => {
      clock.ms += 1_000;
      return isRefused(authenticate, key);
    });
  });

  function gateway() {
    const clock = { ms: 0, now: () => clock.ms, elapsed: () => clock.ms };
    const { keys, known, authenticator } = keysOver(prisma, { clock });
    return { clock, keys, known, authenticate: (key: string) => authenticator.authenticate(key) };
  }

  async function breakIt(): Promise<void> {
    isFaulty = true;
    await FAULTS[fault].begin(gate);
  }

  async function repair(): Promise<void> {
    if (isFaulty) await FAULTS[fault].end(gate);
    isFaulty = false;
  }
});

/** A renewal runs behind the calls that it will refuse, so one call is not enough to know. */
function isRefused(authenticate: (key: string) => unknown, key: string): Promise<boolean> {
  const answer = new Promise((resolve) => resolve(authenticate(key)));
  return answer.then(
    () => false,
    (error: { kind?: string }) => error.kind === 'unauthenticated',
  );
}
