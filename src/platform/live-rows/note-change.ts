import { POSTGRES_CHANNEL } from '../database/notifications-connection.js';
import type { Transaction } from '../database/transaction.js';

/**
 * For each row that a transaction adds, changes or deletes of a table that processes keep as `LiveRows`: they read it anew when
 * the transaction commits. `name` is one word, that of the `LiveRows`; `id` has no spaces. Call it last: until the transaction
 * ends, others who change the same table wait.
 */
export async function noteChange(transaction: Pick<Transaction, '$executeRaw'>, name: string, id: string): Promise<void> {
  await transaction.$executeRaw`
    WITH risen AS (
      INSERT INTO revisions AS r (name, value) VALUES (${name}, 1)
      ON CONFLICT (name) DO UPDATE SET value = r.value + 1
      RETURNING value
    )
    SELECT pg_notify(${POSTGRES_CHANNEL}, concat(${`${name} ${id} `}::text, value)) FROM risen`;
}
