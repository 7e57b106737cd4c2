import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLOCK, type Clock } from '../../core/clock.js';
import { LOG, type Log } from '../log/log.js';
import { reasonOf } from '../reason.js';
import { Database } from './database.js';
import { NotificationsConnection, POSTGRES_CHANNEL } from './notifications-connection.js';
import type { Transaction } from './transaction.js';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 2_000;
/** A connection that lasted so long was a good one: when it is lost, the next is tried soon. */
const STABLE_MS = 10_000;
const FAREWELL_MS = 1_000;

interface Subscriber {
  readonly onMessage: (payload: string) => void;
  readonly onGap: () => void;
}

/**
 * Tells every process on this database, this one included, that something has changed: when the transaction commits, and not
 * at all if it is undone. `channel` is one word; it and the payload must be shorter than 7,999 bytes together, or the
 * transaction fails. For changes that people make, not for what calls do: commits that notify wait for one another.
 */
export async function notify(transaction: Pick<Transaction, '$executeRaw'>, channel: string, payload: string): Promise<void> {
  await transaction.$executeRaw`SELECT pg_notify(${POSTGRES_CHANNEL}, ${`${channel} ${payload}`})`;
}

/**
 * What processes tell each other through Postgres (`notify`), heard over one connection past any transaction pooler. It is made
 * in the background once the database has been reached, watched, and replaced whenever it is lost. Messages sent meanwhile are
 * gone: that is a gap, and each subscriber is told of it.
 */
@Injectable()
export class Notifications implements OnModuleInit, OnApplicationShutdown {
  private readonly subscribers = new Map<string, Subscriber[]>();
  private readonly stopped = new AbortController();
  private running: Promise<void> | undefined;
  private listening = false;
  private isOutageLogged = false;

  constructor(
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** Messages are heard as they are sent. While false, they are missed, and everybody is told of the gap afterwards. */
  get isListening(): boolean {
    return this.listening;
  }

  /**
   * `onGap` is called each time that listening begins, also the first time: messages may have been missed, so read anew what
   * they would have been about. Subscribe before the first reading, and no change falls in between.
   */
  subscribe(channel: string, onMessage: (payload: string) => void, onGap: () => void): void {
    const subscribers = this.subscribers.get(channel) ?? [];
    this.subscribers.set(channel, [...subscribers, { onMessage, onGap }]);
  }

  onModuleInit(): void {
    this.running = this.run();
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped.abort();
    // A server that hangs does not keep us from leaving.
    await Promise.race([this.running, sleep(FAREWELL_MS, undefined, { ref: false })]);
  }

  private async run(): Promise<void> {
    const stop = this.stopped.signal;
    await Promise.race([this.database.whenReachable, once(stop, 'abort')]);
    let pauseMs = FIRST_PAUSE_MS;
    while (!stop.aborted) {
      const startedAt = this.clock.elapsed();
      await this.listen(stop).catch((error: unknown) => this.noteLoss(error));
      if (this.clock.elapsed() - startedAt > STABLE_MS) pauseMs = FIRST_PAUSE_MS;
      await sleep(pauseMs, undefined, { ref: false, signal: stop }).catch(() => undefined);
      pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
    }
  }

  /** Listens for as long as the connection lasts, then rejects with what ended it. */
  private async listen(stop: AbortSignal): Promise<void> {
    const connection = await NotificationsConnection.open(this.database.directUrl, (message) => this.pass(message));
    try {
      this.noteConnection();
      for (const subscribers of this.subscribers.values()) for (const { onGap } of subscribers) this.tell(onGap);
      await connection.watch(stop);
    } finally {
      this.listening = false;
      await connection.close();
    }
  }

  private pass(message: string): void {
    const end = message.indexOf(' ');
    const payload = message.slice(end + 1);
    for (const { onMessage } of this.subscribers.get(message.slice(0, end)) ?? []) this.tell(() => onMessage(payload));
  }

  /** One subscriber's mistake is no other's, and does not end the process. */
  private tell(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      this.log.error({ event: 'notification_failed', err: error });
    }
  }

  private noteConnection(): void {
    this.listening = true;
    if (this.isOutageLogged)
      this.log.info({ event: 'notifications_resumed' }, 'Changes made in other processes are heard of at once again.');
    this.isOutageLogged = false;
  }

  private noteLoss(error: unknown): void {
    if (this.isOutageLogged || this.stopped.signal.aborted) return;
    this.isOutageLogged = true;
    const message = 'Changes made in other processes are noticed later, when they are next looked for.';
    this.log.warn({ event: 'notifications_lost', reason: reasonOf(error) }, message);
  }
}
