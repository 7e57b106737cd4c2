import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** `tollgate` as the bytes of one bigint: nothing else on the database is likely to lock by it. */
const LOCK = 0x74_6f_6c_6c_67_61_74_65n;

const CONNECT_MS = 2_000;
const ANSWER_MS = 2_000;
const PAUSE_MS = 500;
const FAREWELL_MS = 1_000;
/**
 * A host that is gone says no farewell: the server gives up its session after 11 s, and not after hours as it would by default. We
 * notice the loss of the server within 3 s, so that a process which lives knows before another may take its place.
 */
const SESSION = 'SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3';

/** A connection of its own that may hold the lock of one process; when it ends, for whatever reason, the lock is free. */
export class SingleProcessLock {
  private readonly lost = new AbortController();

  private constructor(private readonly client: pg.Client) {
    client.on('error', (error) => this.lost.abort(error));
    client.on('end', () => this.lost.abort(new Error('the server closed the connection')));
  }

  /**
   * `url` leads past any transaction pooler; `owner` tells the sessions of one process from those of others. Rejects when no connection
   * can be had within a few seconds.
   */
  static async open(url: string, owner: string): Promise<SingleProcessLock> {
    const client = new pg.Client({
      connectionString: url,
      application_name: `tollgate lock ${owner}`,
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: ANSWER_MS,
      keepAlive: true,
    });
    const lock = new SingleProcessLock(client);
    try {
      await client.connect();
      (client.connection.stream as Socket).unref();
      await client.query(SESSION);
      return lock;
    } catch (error) {
      client.connection.stream.destroy();
      throw error;
    }
  }

  /** Whether it was free, and is ours now. To be asked until it is, and not again. */
  async tryTake(): Promise<boolean> {
    const { rows } = await this.client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [String(LOCK)]);
    return rows[0]!.taken;
  }

  /** Ends a session that this process has lost, but the server not yet; whether there was one. What it held is free soon after. */
  async endOlder(): Promise<boolean> {
    const { rows } = await this.client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
       WHERE application_name = current_setting('application_name') AND pid <> pg_backend_pid()`,
    );
    return rows.length > 0;
  }

  /** Rejects if the server does not answer. */
  async check(): Promise<void> {
    await this.client.query('SELECT 1');
  }

  /** Waits a moment; rejects with the reason as soon as the connection is lost or `stop` says so. */
  async pause(stop: AbortSignal): Promise<void> {
    const signal = AbortSignal.any([stop, this.lost.signal]);
    await sleep(PAUSE_MS, undefined, { ref: false, signal }).catch(() => signal.throwIfAborted());
  }

  /** Frees the lock where the server can be told, and lets go of the socket in any case. */
  async close(): Promise<void> {
    await Promise.race([this.client.end(), sleep(FAREWELL_MS, undefined, { ref: false })]);
    this.client.connection.stream.destroy();
  }
}
