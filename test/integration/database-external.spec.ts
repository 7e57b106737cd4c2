import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { pino } from 'pino';
import { systemClock } from '../../src/core/clock.js';
import { Database } from '../../src/platform/database/database.js';
import { PrismaService } from '../../src/platform/database/prisma.service.js';
import { createEmptyDatabase, type TestDatabase } from '../support/database.js';
import { eventually } from '../support/eventually.js';
import { Gate } from '../support/gate.js';
import { query } from '../support/query.js';
import { expectInTime, inTime } from '../support/in-time.js';

describe('Database', () => {
  let target: TestDatabase;
  let gate: Gate;
  let database: Database | undefined;
  let logged: { readonly event: string }[];

  beforeEach(async () => {
    logged = [];
    target = await createEmptyDatabase();
    gate = await Gate.before(target.url);
  });

  afterEach(async () => {
    await database?.close();
    database = undefined;
    await gate.shut();
    await target.drop();
  });

  async function open(databaseUrl = gate.url): Promise<Database> {
    const log = pino({ level: 'info' }, { write: (line: string) => void logged.push(JSON.parse(line) as { event: string }) });
    database = await Database.open({ databaseUrl, dataDir: 'unused' }, log, systemClock);
    return database;
  }

  it('is migrated, up and quick to query once it is open', async () => {
    await gate.open();

    const opened = await open();
    const prisma = new PrismaService(opened);
    await prisma.onModuleInit();

    expect(opened.isReachable).toBe(true);
    expect(opened.health().state).toBe('up');
    expect(await prisma.apiKey.findMany()).toEqual([]);
  });

  it('does not hold up the start when it is away, and is reached when it comes', async () => {
    const opened = await inTime(4_500, () => open());

    expect(opened.isReachable).toBe(false);
    expect(opened.health().state).toBe('down');
    const { checkedAt } = opened.health();
    await eventually(() => opened.health().checkedAt > checkedAt);
    await gate.open();
    await opened.whenReachable;
    expect(await new PrismaService(opened).apiKey.findMany()).toEqual([]);
    await eventually(() => opened.health().state === 'up');
    expect(logged.map(({ event }) => event).toSorted()).toEqual(['database_not_ready', 'migrations_applied', 'store_down', 'store_up']);
  });

  it('does not hold up the start when it takes connections and says nothing', async () => {
    gate.silence();
    await gate.open();

    const opened = await inTime(5_000, () => open());

    expect(opened.isReachable).toBe(false);
  });

  it('is reported down within 2.5 s of freezing, and up again after', async () => {
    await gate.open();
    const opened = await open();

    gate.silence();
    const frozenAt = performance.now();
    await eventually(() => opened.health().state === 'down');
    const tookMs = performance.now() - frozenAt;
    gate.restore();

    expectInTime(tookMs, 2_500);
    await eventually(() => opened.health().state === 'up');
  });

  it('survives the loss of every connection', async () => {
    await gate.open();
    const prisma = new PrismaService(await open());
    await prisma.apiKey.findMany();

    await gate.shut();
    await expect(prisma.apiKey.findMany()).rejects.toThrow();
    await gate.open();

    await eventually(() =>
      prisma.apiKey.findMany().then(
        () => true,
        () => false,
      ),
    );
  });

  it('throws at once where waiting would not help', async () => {
    await gate.open();

    await expect(open(gate.url.replace(/:[^:@]+@/, ':guess@'))).rejects.toThrow(
      'The database refuses us: password authentication failed for user "tollgate". Check DATABASE_URL',
    );
    await query(target.url, 'CREATE TABLE api_keys (id INT)');
    await expect(open()).rejects.toThrow(/^Migration \d+_\w+ failed and was undone: relation "api_keys" already exists$/);
  });
});
