import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { createDatabase, type TestDatabase } from '../support/database.js';
import { makeHousekeeping } from '../support/housekeeping.js';
import { insertLedgerRows, monthsOf, placesOf } from '../support/ledger-rows.js';
import { query } from '../support/query.js';

/** Ninety days before it lies the 17th of March, noon. */
const NOW = '2024-06-15T12:00:00Z';
const OLD = '2024-03-17T11:59:59Z';
const YOUNG = '2024-03-17T12:00:00Z';

describe('retention', () => {
  let server: TestDatabase;

  beforeEach(async () => {
    server = await createDatabase();
  });

  afterEach(() => server.drop());

  async function keepHouse(retention: { ledgerDays?: number; auditDays?: number }, now = NOW): Promise<readonly Record<string, unknown>[]> {
    const { housekeeping, logs } = makeHousekeeping({ url: server.url, now, ...retention });
    expect(await housekeeping.run()).toBe('finished');
    return logs.filter(({ event }) => event !== 'ledger_month_made');
  }

  const countOf = async (table: string): Promise<number> =>
    (await query<{ count: number }>(server.url, `SELECT count(*)::int AS count FROM ${table}`))[0]!.count;

  it('drops the months of which every day is older, and nothing else', async () => {
    await keepHouse({}, '2024-01-15T00:00:00Z');
    await insertLedgerRows(
      server.url,
      '2024-01-01T00:00:00Z',
      '2024-02-29T23:59:59.999Z',
      '2024-02-28T00:00:00Z',
      '2024-03-01T00:00:00Z',
      YOUNG,
      NOW,
    );

    const logs = await keepHouse({ ledgerDays: 90 });

    expect(await placesOf(server.url)).toEqual(['2024-03-01 ledger_2024_03', '2024-03-17 ledger_2024_03', '2024-06-15 ledger_2024_06']);
    expect(await monthsOf(server.url)).toEqual(['ledger_2024_03', 'ledger_2024_06', 'ledger_2024_07', 'ledger_2024_08']);
    const before = new Date('2024-03-17T12:00:00Z').toISOString();
    expect(logs).toEqual([
      expect.objectContaining({ event: 'ledger_month_dropped', partition: 'ledger_2024_01', rows: 1, before }),
      expect.objectContaining({ event: 'ledger_month_dropped', partition: 'ledger_2024_02', rows: 2, before }),
    ]);
    expect(await query(server.url, `SELECT to_regclass('ledger_2024_01') AS gone`)).toEqual([{ gone: null }]);
  });

  it('drops a month as soon as its last moment is old enough, and not before', async () => {
    await keepHouse({}, '2024-01-15T00:00:00Z');

    await keepHouse({ ledgerDays: 30 }, '2024-03-01T23:59:59.999Z');
    expect(await monthsOf(server.url)).toContain('ledger_2024_01');
    await keepHouse({ ledgerDays: 30 }, '2024-03-02T00:00:00Z');

    expect(await monthsOf(server.url)).not.toContain('ledger_2024_01');
    expect(await monthsOf(server.url)).toContain('ledger_2024_02');
  });

  it('goes by what a partition is for, not by what it is called', async () => {
    await query(server.url, `CREATE TABLE ledger_2020_01 PARTITION OF ledger FOR VALUES FROM ('2024-03-01Z') TO ('2024-05-01Z')`);
    await query(server.url, `CREATE TABLE "Of Old" PARTITION OF ledger FOR VALUES FROM (MINVALUE) TO ('2024-02-01Z')`);
    await query(server.url, `CREATE TABLE of_new PARTITION OF ledger FOR VALUES FROM ('2024-10-01Z') TO (MAXVALUE)`);
    await insertLedgerRows(server.url, '1999-01-01T00:00:00Z');

    const [dropped] = await keepHouse({ ledgerDays: 90 });

    expect(dropped).toMatchObject({ partition: 'Of Old', rows: 1 });
    expect(await monthsOf(server.url)).toEqual(expect.arrayContaining(['ledger_2020_01', 'of_new']));
    expect(await monthsOf(server.url)).toHaveLength(5);
  });

  it('deletes what is older in the default partition, and leaves what is not', async () => {
    await insertLedgerRows(server.url, '1999-01-01T00:00:00Z', OLD, YOUNG, '2024-05-31T00:00:00Z');

    const logs = await keepHouse({ ledgerDays: 90 });

    expect(await placesOf(server.url)).toEqual(['2024-03-17 ledger_default', '2024-05-31 ledger_default']);
    expect(await query(server.url, `SELECT FROM ledger WHERE admitted_at = '${YOUNG}'`)).toHaveLength(1);
    expect(logs).toEqual([expect.objectContaining({ event: 'old_rows_deleted', table: 'ledger_default', rows: 2 })]);
  });

  it('deletes refusals with the ledger, however many', async () => {
    await query(
      server.url,
      `INSERT INTO refusals SELECT '${OLD}'::timestamptz - n * interval '1 hour', 'k', 't', 'calls key', 1 FROM generate_series(0, 2499) n`,
    );
    await query(server.url, `INSERT INTO refusals VALUES ('${YOUNG}', 'k', 't', 'calls key', 1)`);

    const logs = await keepHouse({ ledgerDays: 90 });

    expect(await query(server.url, 'SELECT hour FROM refusals')).toEqual([{ hour: new Date(YOUNG) }]);
    expect(logs).toEqual([expect.objectContaining({ event: 'old_rows_deleted', table: 'refusals', rows: 2_500 })]);
  });

  it('deletes alerts and their deliveries with the ledger', async () => {
    const [old, young] = [await addAlert('model_unpriced', OLD), await addAlert('model_unpriced', YOUNG)];
    await query(
      server.url,
      `INSERT INTO webhooks (id, name, url, format, created_at, changed_at) VALUES ('${old}', 'w', 'https://w', 'json', '${OLD}', '${OLD}')`,
    );
    for (const [alert, at] of [
      [old, OLD],
      [young, OLD],
      [young, YOUNG],
    ])
      await query(
        server.url,
        `INSERT INTO webhook_deliveries (id, alert_id, webhook_id, state, next_at, created_at)
         VALUES ('${randomUUID()}', '${alert}', '${old}', 'delivered', '${at}', '${at}')`,
      );

    const logs = await keepHouse({ ledgerDays: 90 });

    expect(await query(server.url, 'SELECT id FROM alerts')).toEqual([{ id: young }]);
    expect(await query(server.url, 'SELECT alert_id, created_at FROM webhook_deliveries')).toEqual([
      { alert_id: young, created_at: new Date(YOUNG) },
    ]);
    expect(await countOf('webhooks')).toBe(1);
    expect(logs.map(({ table, rows }) => [table, rows])).toEqual([
      ['webhook_deliveries', 2],
      ['alerts', 1],
    ]);
  });

  it('keeps the alert that keeps the same threshold of the same period from being raised again', async () => {
    const [total, daily, reset, gone] = [randomUUID(), randomUUID(), randomUUID(), randomUUID()];
    for (const [id, period, countsFrom] of [
      [total, 'total', '2024-01-01Z'],
      [daily, 'day', '2024-01-01Z'],
      [reset, 'total', '2024-06-01Z'],
    ])
      await query(
        server.url,
        `INSERT INTO budgets (id, name, scope, limit_nano_usd, period, counts_from, created_at, changed_at)
         VALUES ('${id}', 'b', 'everything', 1, '${period}', '${countsFrom}', '${OLD}', '${OLD}')`,
      );
    for (const budget of [total, daily, reset, gone]) await addAlert('budget_threshold', OLD, { budget_id: budget });

    await keepHouse({ ledgerDays: 90 });

    expect(await query(server.url, `SELECT facts->>'budget_id' AS budget FROM alerts`)).toEqual([{ budget: total }]);
  });

  it('leaves the sums of budgets', async () => {
    await query(server.url, `INSERT INTO budget_spend VALUES ('${randomUUID()}', '1999-01-01Z', 5)`);

    await keepHouse({ ledgerDays: 1, auditDays: 1 });

    expect(await countOf('budget_spend')).toBe(1);
  });

  it('deletes of the audit log what is older than that is kept, by itself', async () => {
    for (const at of ['1999-01-01T00:00:00Z', OLD, YOUNG]) await addAuditEntry(at);

    expect(await keepHouse({ ledgerDays: 1 })).toEqual([]);
    expect(await countOf('audit_log')).toBe(3);
    const logs = await keepHouse({ auditDays: 90 });

    expect(await query(server.url, 'SELECT at FROM audit_log')).toEqual([{ at: new Date(YOUNG) }]);
    expect(logs).toEqual([expect.objectContaining({ event: 'old_rows_deleted', table: 'audit_log', rows: 2 })]);
    await expect(query(server.url, 'DELETE FROM audit_log')).rejects.toThrow('append-only');
  });

  it('keeps everything for ever where it is told 0', async () => {
    await keepHouse({}, '2000-01-01T00:00:00Z');
    await insertLedgerRows(server.url, '1999-01-01T00:00:00Z', '2000-02-01T00:00:00Z');
    await addAlert('model_unpriced', '1999-01-01Z');
    await addAuditEntry('1999-01-01Z');

    expect(await keepHouse({ ledgerDays: 0, auditDays: 0 })).toEqual([]);

    expect(await placesOf(server.url)).toEqual(['1999-01-01 ledger_default', '2000-02-01 ledger_2000_02']);
    expect([await countOf('alerts'), await countOf('audit_log')]).toEqual([1, 1]);
  });

  it('deletes nothing young because the clock of a gateway runs ahead', async () => {
    const [{ now }] = (await query<{ now: Date }>(server.url, 'SELECT now() AS now')) as [{ now: Date }];
    await keepHouse({}, now.toISOString());
    await insertLedgerRows(server.url, now.toISOString(), '1999-01-01T00:00:00Z');
    await addAuditEntry(now.toISOString());

    await keepHouse({ ledgerDays: 30, auditDays: 30 }, '2999-01-01T00:00:00Z');

    expect(await placesOf(server.url)).toEqual([expect.stringContaining(now.toISOString().slice(0, 10))]);
    expect(await countOf('audit_log')).toBe(1);
  });

  async function addAlert(kind: string, at: string, facts: object = {}): Promise<string> {
    const id = randomUUID();
    await query(
      server.url,
      `INSERT INTO alerts (id, at, kind, occasion, facts) VALUES ('${id}', '${at}', '${kind}', '${id}', '${JSON.stringify(facts)}')`,
    );
    return id;
  }

  async function addAuditEntry(at: string): Promise<void> {
    await query(
      server.url,
      `INSERT INTO audit_log (id, at, actor_id, actor_name, action, entity, entity_id) VALUES ('${randomUUID()}', '${at}', 'k', 'Ann', 'create', 'key', 'k')`,
    );
  }
});
