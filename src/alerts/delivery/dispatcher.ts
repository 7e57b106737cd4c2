import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../../core/clock.js';
import { type Log, reasonOf } from '../../platform/index.js';
import { Snooze } from '../snooze.js';
import type { Courier } from './courier.js';
import type { DeliveriesStore } from './deliveries.store.js';
import type { Claim } from './delivery.js';

export interface DispatcherLimits {
  /** New alerts and due deliveries are looked for that often, unless somebody hurries. */
  readonly pollMs: number;
  /** A delivery whose dispatcher was not heard of for so long is another's. Much longer than an attempt can take. */
  readonly leaseMs: number;
  /** Attempts at the same time. */
  readonly atOnce: number;
  readonly perWebhook: number;
  /** What attempts under way are given at shutdown. */
  readonly closeMs: number;
}

export const DISPATCHER_LIMITS: DispatcherLimits = { pollMs: 5_000, leaseMs: 60_000, atOnce: 10, perWebhook: 2, closeMs: 2_000 };

export interface DispatcherParts {
  readonly deliveries: Pick<DeliveriesStore, 'route' | 'claim'>;
  readonly courier: Pick<Courier, 'deliver'>;
  /** Nothing is asked of the database before. */
  readonly whenReachable: Promise<void>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
}

/**
 * Makes out deliveries for new alerts and works off those that are due, one of many in as many processes. A delivery is attempted
 * by whoever has claimed it; if that one dies, it is due again when its lease has ended, so that a receiver may see an alert twice,
 * with the same `webhook-id`, but none is lost.
 */
export class Dispatcher implements OnModuleInit, OnApplicationShutdown {
  private readonly underWay = new Map<Promise<void>, string>();
  private readonly snooze = new Snooze();
  private readonly cutOff = new AbortController();
  private running: Promise<void> | undefined;
  private isStopped = false;
  private isFailing = false;

  constructor(
    private readonly parts: DispatcherParts,
    private readonly limits: DispatcherLimits = DISPATCHER_LIMITS,
  ) {}

  onModuleInit(): void {
    this.running = this.parts.whenReachable.then(() => this.run());
  }

  /** Looks at once. */
  hurry(): void {
    this.snooze.wake();
  }

  /** What is not through within 2 s is left to whoever finds its lease ended. */
  async onApplicationShutdown(): Promise<void> {
    this.isStopped = true;
    this.snooze.wake();
    const finished = Promise.all(this.underWay.keys());
    await Promise.race([finished, sleep(this.limits.closeMs, undefined, { ref: false })]);
    this.cutOff.abort();
    await Promise.race([this.running, sleep(this.limits.closeMs, undefined, { ref: false })]);
  }

  private async run(): Promise<void> {
    while (!this.isStopped) {
      await this.round().then(
        () => this.noteSuccess(),
        (error: unknown) => this.noteFailure(error),
      );
      await this.snooze.wait(this.limits.pollMs);
    }
  }

  private async round(): Promise<void> {
    const { deliveries, clock } = this.parts;
    const { leaseMs, perWebhook, atOnce } = this.limits;
    while (!this.isStopped && (await deliveries.route(clock.now())));
    const limit = atOnce - this.underWay.size;
    if (this.isStopped || limit <= 0) return;
    const nowMs = clock.now();
    const claims = await deliveries.claim({ nowMs, leaseUntil: nowMs + leaseMs, limit, perWebhook, busy: this.busyWebhooks() });
    for (const claim of claims) this.start(claim);
  }

  private start(claim: Claim): void {
    const attempt = this.attempt(claim).finally(() => {
      this.underWay.delete(attempt);
      // Its place is free, and more may be due.
      this.hurry();
    });
    this.underWay.set(attempt, claim.webhook.id);
  }

  private async attempt(claim: Claim): Promise<void> {
    const { courier, log } = this.parts;
    try {
      const outcome = await courier.deliver(claim, this.cutOff.signal);
      if (outcome?.verdict.state !== 'failed') return;
      const names = { webhook: claim.webhook.id, delivery: claim.id, alert: claim.alert.id, attempts: claim.attempts };
      log.error(
        { event: 'alert_not_delivered', ...names, reason: outcome.answer.error },
        'An alert was given up. Its delivery can be retried.',
      );
    } catch (error) {
      const message = 'What came of an attempt could not be written down: it will be made again.';
      log.warn({ event: 'delivery_unrecorded', delivery: claim.id, reason: reasonOf(error) }, message);
    }
  }

  private busyWebhooks(): string[] {
    const counts = new Map<string, number>();
    for (const webhook of this.underWay.values()) counts.set(webhook, (counts.get(webhook) ?? 0) + 1);
    return [...counts].filter(([, count]) => count >= this.limits.perWebhook).map(([webhook]) => webhook);
  }

  private noteSuccess(): void {
    if (this.isFailing) this.parts.log.info({ event: 'dispatch_resumed' }, 'Alerts are sent again.');
    this.isFailing = false;
  }

  private noteFailure(error: unknown): void {
    if (!this.isFailing) this.parts.log.warn({ event: 'dispatch_delayed', reason: reasonOf(error) }, 'Alerts are sent later.');
    this.isFailing = true;
  }
}
