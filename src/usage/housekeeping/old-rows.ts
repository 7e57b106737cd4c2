import type { Errand } from './errand-connection.js';

/** Rows that go when they are old. Of `condition`, `$1` is the time before which that is so. */
export interface OldRows {
  readonly table: string;
  readonly condition: string;
}

/** While its period goes on, the alert that a threshold was reached is what keeps it from being raised again. */
const OF_A_PERIOD_THAT_GOES_ON = `kind = 'budget_threshold' AND EXISTS (
  SELECT FROM budgets budget WHERE budget.id::text = facts->>'budget_id' AND budget.counts_from <= at AND (budget.period = 'total'
    OR at >= clock_timestamp() - greatest(interval '32 days', 2 * budget.window_seconds * interval '1 second')))`;

/** Deliveries before alerts, which would take theirs with them one by one. */
export const OLD_WITH_THE_LEDGER: readonly OldRows[] = [
  { table: 'ledger_default', condition: 'admitted_at < $1' },
  { table: 'webhook_deliveries', condition: 'created_at < $1' },
  { table: 'alerts', condition: `at < $1 AND NOT (${OF_A_PERIOD_THAT_GOES_ON})` },
  { table: 'refusals', condition: 'hour < $1' },
];

/** Of days that had no partition. */
export const OLD_BODIES: OldRows = { table: 'bodies_default', condition: 'admitted_at < $1' };

export const OLD_AUDIT: OldRows = { table: 'audit_log', condition: 'at < $1' };

/** Resolves with how many rows it deleted, at most `limit`. */
export function deleteOldRows({ table, condition }: OldRows, before: Date, limit: number): Errand<number> {
  return async (client) => {
    // What the trigger of the audit log asks for.
    await client.query(`SET LOCAL tollgate.retention = 'on'`);
    const { rowCount } = await client.query(
      `DELETE FROM ${table} WHERE ctid = ANY(ARRAY(SELECT ctid FROM ${table} WHERE ${condition} LIMIT ${limit}))`,
      [before],
    );
    return rowCount ?? 0;
  };
}
