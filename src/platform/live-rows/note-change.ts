import { POSTGRES_CHANNEL } from '../database/notifications-connection.js';
import type { Transaction } from '../database/transaction.js';

/**
 * For each row that a transaction adds, changes or deletes of a table that processes keep as `LiveRows`: they read it anew when
 * the transaction commits. `name` is one word, that of the `LiveRows`; ids have no spaces. Call it last: until the transaction
 * ends, others who change the same table wait.
 */
export async function noteChange(transaction: Pick<Transaction, '$executeRaw'>, name: string, ...ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return;
  await transaction.$executeRaw`
    WITH risen AS (
      INSERT INTO revisions AS r (name, value) VALUES (${name}, ${ids.length})
      ON CONFLICT (name) DO UPDATE SET value = r.value + excluded.value
      RETURNING value - ${ids.length} AS before
    )
    SELECT pg_notify(${POSTGRES_CHANNEL}, concat_ws(' ', ${name}::text, changed.id, risen.before + changed.place))
    FROM risen, unnest(${[...ids]}::text[]) WITH ORDINALITY AS changed (id, place)
    ORDER BY changed.place`;
}
