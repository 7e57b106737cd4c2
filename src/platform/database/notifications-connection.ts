import type { Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';

/** The one Postgres channel that everything goes through; what a message is about stands in front of it. */
export const POSTGRES_CHANNEL = 'tollgate';

const CONNECT_MS = 2_000;
const ANSWER_MS = 2_000;
const HEARTBEAT_MS = 2_000;
const KEEP_ALIVE_MS = 10_000;
const FAREWELL_MS = 1_000;

/**
 * A connection that listens. TCP may take many minutes to notice that the other side has gone, and one that only listens never
 * writes: so the server is asked every 2 s, and has 2 s to answer. Does not keep the process alive.
 */
export class NotificationsConnection {
  private readonly lost = new AbortController();

  private constructor(private readonly client: pg.Client) {
    client.on('error', (error) => this.lost.abort(error));
    client.on('end', () => this.lost.abort(new Error('the server closed the connection')));
  }

  /** Resolves when every message from now on will be heard; rejects when that cannot be had within a few seconds. */
  static async open(url: string, onMessage: (message: string) => void): Promise<NotificationsConnection> {
    const client = new pg.Client({
      connectionString: url,
      application_name: 'tollgate notifications',
      connectionTimeoutMillis: CONNECT_MS,
      query_timeout: ANSWER_MS,
      keepAlive: true,
      keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    });
    const connection = new NotificationsConnection(client);
    client.on('notification', ({ payload }) => onMessage(payload ?? ''));
    try {
      await client.connect();
      (client.connection.stream as Socket).unref();
      await client.query(`LISTEN ${POSTGRES_CHANNEL}`);
      return connection;
    } catch (error) {
      client.connection.stream.destroy();
      throw error;
    }
  }

  /** Rejects with the reason when the connection is lost or stopped. */
  async watch(stop: AbortSignal): Promise<never> {
    const signal = AbortSignal.any([stop, this.lost.signal]);
    for (;;) {
      await sleep(HEARTBEAT_MS, undefined, { ref: false, signal }).catch(() => signal.throwIfAborted());
      await this.client.query('SELECT 1');
    }
  }

  /** Says farewell where that can be heard, and lets go of the socket in any case. */
  async close(): Promise<void> {
    await Promise.race([this.client.end(), sleep(FAREWELL_MS, undefined, { ref: false })]);
    this.client.connection.stream.destroy();
  }
}
