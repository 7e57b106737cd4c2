import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Clock } from '../../src/core/clock.js';
import { makeId } from '../../src/core/ids.js';
import { Audit, type AuditEntry } from '../../src/platform/index.js';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { query } from '../support/query.js';
import { openReplica, type Replica } from '../support/replica.js';

const START = Date.parse('2026-11-21T12:00:00Z');
const ANN = { id: 'key-ann', name: 'Ann' };
const BEN = { id: 'key-ben', name: 'Ben' };
const RETAIN = `BEGIN; SET LOCAL tollgate.retention = 'on';`;

describe('the audit log', () => {
  let server: TestDatabase;
  let replica: Replica;
  let audit: Audit;
  let nowMs: number;

  beforeAll(async () => {
    server = await createDatabase();
    replica = await openReplica(server.url);
  });

  beforeEach(() => {
    nowMs = START;
    const clock: Clock = { now: () => nowMs, elapsed: () => 0 };
    audit = new Audit(replica.prisma, clock);
  });

  afterEach(() => query(server.url, `${RETAIN} DELETE FROM audit_log; COMMIT`));

  afterAll(async () => {
    await replica.stop();
    await server.drop();
  });

  async function record(entry: Partial<AuditEntry> = {}): Promise<void> {
    nowMs += 1;
    await audit.record(replica.prisma, { actor: ANN, action: 'create', entity: 'key', entityId: 'k', ...entry });
  }

  it('tells what was recorded', async () => {
    const before = { name: 'app', models: ['gpt-4o', 'claude*'], limits: { perMinute: 10 }, team: null };
    await record({ action: 'change', before, after: { ...before, enabled: false } });

    const [told] = await audit.list({ limit: 10 });

    expect(told).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      at: START + 1,
      actor: ANN,
      action: 'change',
      entity: 'key',
      entityId: 'k',
      before,
      after: { ...before, enabled: false },
    });
  });

  it('tells what did not exist from what was empty', async () => {
    await record({ after: {} });

    expect(await audit.list({ limit: 1 })).toMatchObject([{ before: undefined, after: {} }]);
  });

  it('is written with the change, or not at all', async () => {
    const change = replica.prisma.$transaction(async (transaction) => {
      await audit.record(transaction, { actor: ANN, action: 'create', entity: 'key', entityId: 'undone' });
      throw new Error('no');
    });

    await expect(change).rejects.toThrow('no');
    expect(await audit.list({ limit: 10 })).toEqual([]);
  });

  it('is read page by page, the newest first, each record once, while more come', async () => {
    for (let at = 0; at < 7; at += 1) await record({ entityId: String(at) });

    const pages: string[][] = [];
    for (let before: string | undefined; ;) {
      const page = await audit.list({ before, limit: 3 });
      if (page.length === 0) break;
      pages.push(page.map(({ entityId }) => entityId));
      before = page.at(-1)!.id;
      await record({ entityId: 'meanwhile' });
    }

    expect(pages).toEqual([['6', '5', '4'], ['3', '2', '1'], ['0']]);
  });

  it('is read by the kind of thing, by who did it, and by both', async () => {
    await record({ entityId: '1' });
    await record({ entityId: '2', entity: 'team' });
    await record({ entityId: '3', actor: BEN });
    await record({ entityId: '4', actor: BEN, entity: 'team' });

    const told = async (question: object) => (await audit.list({ limit: 10, ...question })).map(({ entityId }) => entityId);

    expect(await told({ entity: 'team' })).toEqual(['4', '2']);
    expect(await told({ actor: ANN.id })).toEqual(['2', '1']);
    expect(await told({ actor: BEN.id, entity: 'key' })).toEqual(['3']);
    expect(await told({ entity: 'team', before: makeId(START) })).toEqual([]);
  });

  it.each([
    ['UPDATE', `UPDATE audit_log SET actor_name = 'Ben'`],
    ['UPDATE', `INSERT INTO audit_log SELECT * FROM audit_log ON CONFLICT (id) DO UPDATE SET action = 'nothing'`],
    ['UPDATE', `${RETAIN} UPDATE audit_log SET actor_name = 'Ben'; COMMIT`],
    ['DELETE', 'DELETE FROM audit_log'],
    ['DELETE', `SET tollgate.retention = 'off'; DELETE FROM audit_log`],
    ['DELETE', `DELETE FROM audit_log WHERE false`],
    ['TRUNCATE', 'TRUNCATE audit_log'],
    ['TRUNCATE', `${RETAIN} TRUNCATE audit_log; COMMIT`],
  ])('refuses an %s: %s', async (operation, sql) => {
    await record();
    const written = await audit.list({ limit: 10 });

    await expect(query(server.url, sql)).rejects.toMatchObject({
      message: `audit_log is append-only: ${operation} is refused`,
      code: '42501',
    });

    expect(await audit.list({ limit: 10 })).toEqual(written);
  });

  it('lets retention delete, in the transaction that says so', async () => {
    await record({ entityId: 'old' });
    const until = START + 2;
    nowMs = until;
    await record({ entityId: 'young' });

    await query(server.url, `${RETAIN} DELETE FROM audit_log WHERE at < to_timestamp(${until / 1_000}); COMMIT`);

    expect(await audit.list({ limit: 10 })).toMatchObject([{ entityId: 'young' }]);
    await expect(query(server.url, 'DELETE FROM audit_log')).rejects.toThrow('append-only');
  });
});
