import type { OnApplicationShutdown } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../core/clock.js';
import { makeId } from '../core/ids.js';
import { type Log, reasonOf } from '../platform/index.js';
import type { AlertFacts, AlertKind, AlertQuestion, StoredAlert } from './alert.js';
import type { AlertsStore, NewAlert } from './alerts.store.js';
import { Snooze } from './snooze.js';
import { answered } from './unavailable.js';

export interface AlertsLimits {
  /** Alerts that wait for a database that is away. */
  readonly maxWaiting: number;
  /** Occasions that are remembered as stored, so that a hot path asks the database nothing. */
  readonly maxKnown: number;
  /** After a failure; doubles with each further one. */
  readonly retryMs: number;
  readonly maxRetryMs: number;
  /** How long what still waits may take at shutdown. */
  readonly closeMs: number;
}

export const ALERTS_LIMITS: AlertsLimits = { maxWaiting: 1_000, maxKnown: 10_000, retryMs: 500, maxRetryMs: 10_000, closeMs: 2_000 };

/** Raises alerts and tells of them. Each occasion is one alert, however often it is raised and in however many processes. */
export class Alerts implements OnApplicationShutdown {
  private readonly waiting = new Map<string, NewAlert>();
  private readonly known = new Set<string>();
  private readonly snooze = new Snooze();
  private writing: Promise<void> | undefined;
  private isClosing = false;
  private failures = 0;
  private isFull = false;

  constructor(
    private readonly store: Pick<AlertsStore, 'insert' | 'list'>,
    private readonly clock: Pick<Clock, 'now'>,
    private readonly log: Log,
    private readonly limits: AlertsLimits = ALERTS_LIMITS,
  ) {}

  /**
   * Never throws and never waits: the alert is stored behind the caller's back, and later if the database is away. `occasion` names
   * what makes it the same occasion (`unpriced:<model>`) and holds whatever should make it another one, such as a day.
   */
  raise(kind: AlertKind, occasion: string, facts: AlertFacts): void {
    const name = storable(occasion);
    if (this.known.has(name) || this.waiting.has(name)) return;
    if (this.waiting.size >= this.limits.maxWaiting || this.isClosing) return this.noteDropped(kind, name);
    const now = this.clock.now();
    const entries = Object.entries(facts).map(([fact, value]) => [storable(fact), typeof value === 'string' ? storable(value) : value]);
    this.waiting.set(name, { id: makeId(now), at: now, kind, occasion: name, facts: Object.fromEntries(entries) as AlertFacts });
    this.writing ??= this.writeWaiting();
  }

  /** Newest first. Rejects with `service_unavailable` while the database is away. */
  list(question: AlertQuestion): Promise<readonly StoredAlert[]> {
    return answered(this.store.list(question));
  }

  async onApplicationShutdown(): Promise<void> {
    this.isClosing = true;
    this.snooze.wake();
    await Promise.race([this.writing, sleep(this.limits.closeMs, undefined, { ref: false })]);
    if (this.waiting.size > 0) this.log.error({ event: 'alerts_lost', occasions: [...this.waiting.keys()] }, 'Alerts could not be stored.');
  }

  /** One by one, in turn: whatever is wrong with one holds up no other. At shutdown the first failure ends it. */
  private async writeWaiting(): Promise<void> {
    for (let [alert] = this.waiting.values(); alert; [alert] = this.waiting.values()) {
      const isStored = await this.write(alert);
      if (!isStored && this.isClosing) break;
      if (!isStored) await this.snooze.wait(this.backoffMs());
    }
    this.writing = undefined;
  }

  private async write(alert: NewAlert): Promise<boolean> {
    try {
      await this.store.insert(alert);
    } catch (error) {
      // To the end of the queue.
      this.waiting.delete(alert.occasion);
      this.waiting.set(alert.occasion, alert);
      this.noteFailure(error);
      return false;
    }
    this.waiting.delete(alert.occasion);
    this.remember(alert.occasion);
    this.noteSuccess();
    return true;
  }

  private remember(occasion: string): void {
    this.known.add(occasion);
    if (this.known.size <= this.limits.maxKnown) return;
    const [oldest] = this.known;
    this.known.delete(oldest!);
  }

  private noteSuccess(): void {
    if (this.failures > 0) this.log.info({ event: 'alerts_resumed' }, 'Alerts are stored again.');
    this.failures = 0;
    this.isFull = false;
  }

  private noteFailure(error: unknown): void {
    this.failures += 1;
    if (this.failures === 1) this.log.warn({ event: 'alerts_delayed', reason: reasonOf(error) }, 'Alerts are kept and stored later.');
  }

  private backoffMs(): number {
    const { retryMs, maxRetryMs } = this.limits;
    return Math.min(maxRetryMs, retryMs * 2 ** (this.failures - 1));
  }

  private noteDropped(kind: AlertKind, occasion: string): void {
    if (this.isFull) return;
    this.isFull = true;
    this.log.error({ event: 'alert_dropped', kind, occasion }, 'Too many alerts wait for the database: this one and others are dropped.');
  }
}

/** Postgres takes neither NUL nor halves of characters. */
function storable(text: string): string {
  return Buffer.from(text, 'utf8').toString('utf8').replaceAll('\0', '');
}
