import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** Any number; what else locks by number in this database has others. */
const LOCK = 72_707_374;
const CONNECT_MS = 3_000;
const QUERY_MS = 5_000;
const FAREWELL_MS = 1_000;

/**
 * Does what one process at a time does with the prices of lists; undefined = another one is at it. `url` past any pooler, which would
 * not keep the lock. A process that dies gives it back. Rejects where the database is away.
 */
export async function aloneWithPrices<T>(url: string, work: () => Promise<T>): Promise<T | undefined> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'tollgate prices',
    connectionTimeoutMillis: CONNECT_MS,
    query_timeout: QUERY_MS,
    keepAlive: true,
  });
  // A lost connection gives the lock back; as an event of its own it would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [LOCK]);
    return rows[0]!.taken ? await work() : undefined;
  } finally {
    await Promise.race([client.end().catch(() => undefined), sleep(FAREWELL_MS, undefined, { ref: false })]);
    client.connection.stream.destroy();
  }
}
