import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** Any number; what else locks by number in this database has others. */
const LOCK = 72_707_372;
const CONNECT_MS = 2_000;
/** Who waits for the lock of a table holds up those who come after: rather later than long. */
const ERRAND_LIMITS = { lockMs: 500 };
/** A month of many rows takes its time to count. */
const STATEMENT_MS = 600_000;
const FAREWELL_MS = 1_000;

/** What one of many gateways does alone. */
export type Errand<Result> = (client: pg.ClientBase) => Promise<Result>;

/** Another gateway is at it. */
export class DoneElsewhere extends Error {}

/**
 * A connection for a round of errands, as whoever owns the tables (`DATABASE_DIRECT_URL`). Each errand is a transaction that one
 * gateway at a time has, in UTC and with dates that Postgres reads back as it writes them.
 */
export class ErrandConnection {
  private constructor(
    private readonly client: pg.Client,
    private readonly limits: { readonly lockMs: number },
  ) {}

  /** Rejects where the database is away. */
  static async open(url: string, limits = ERRAND_LIMITS): Promise<ErrandConnection> {
    const client = new pg.Client({
      connectionString: url,
      application_name: 'tollgate housekeeping',
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: STATEMENT_MS + limits.lockMs,
      keepAlive: true,
    });
    // A lost connection fails the errand under way; as an event of its own it would end the process.
    client.on('error', () => undefined);
    try {
      await client.connect();
      return new ErrandConnection(client, limits);
    } catch (error) {
      client.connection.stream.destroy();
      throw error;
    }
  }

  /** All of it or nothing. Rejects with `DoneElsewhere` where another gateway has the lock, and with a code 55P03 where a table is busy. */
  async run<Result>(errand: Errand<Result>): Promise<Result> {
    const { client, limits } = this;
    await client.query('BEGIN');
    try {
      await client.query(`SET LOCAL lock_timeout = ${limits.lockMs}; SET LOCAL statement_timeout = ${STATEMENT_MS};
        SET LOCAL TimeZone = 'UTC'; SET LOCAL DateStyle = 'ISO'`);
      const { rows } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_xact_lock($1) AS taken', [LOCK]);
      if (!rows[0]!.taken) throw new DoneElsewhere();
      const result = await errand(client);
      await client.query('COMMIT');
      return result;
    } catch (error) {
      await this.undo(error);
      throw error;
    }
  }

  /** Cuts short what is under way: it is undone. */
  async close(): Promise<void> {
    await Promise.race([this.client.end(), sleep(FAREWELL_MS, undefined, { ref: false })]);
    this.client.connection.stream.destroy();
  }

  /** Where the server did not answer nothing more is asked of it: ending the connection undoes as much. */
  private async undo(reason: unknown): Promise<void> {
    if (reason instanceof pg.DatabaseError || reason instanceof DoneElsewhere) await this.client.query('ROLLBACK').catch(() => undefined);
    else this.client.connection.stream.destroy();
  }
}
