import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../core/clock.js';
import { makeId } from '../../core/ids.js';
import { reasonOf, Sealing } from '../../platform/index.js';
import type { Alert } from '../alert.js';
import { placeOf, type Webhook } from '../webhooks/webhook.js';
import { WebhooksStore } from '../webhooks/webhooks.store.js';
import { DeliveriesStore } from './deliveries.store.js';
import type { Answer, Claim, Verdict } from './delivery.js';
import { type OutgoingMessage, toMessage } from './message.js';
import { verdictOf } from './verdict.js';
import { WebhookSender } from './webhook-sender.js';

type Receiver = Pick<Webhook, 'id' | 'url' | 'format' | 'sealedSecret'>;

export interface Outcome {
  readonly verdict: Verdict;
  readonly answer: Answer;
}

/** What came of a test, and how long it took. */
export interface TestOutcome extends Answer {
  readonly tookMs: number;
}

/** Brings one alert to one webhook. */
@Injectable()
export class Courier {
  constructor(
    @Inject(WebhookSender) private readonly sender: Pick<WebhookSender, 'send'>,
    @Inject(Sealing) private readonly sealing: Pick<Sealing, 'open'>,
    @Inject(DeliveriesStore) private readonly deliveries: Pick<DeliveriesStore, 'record'>,
    @Inject(WebhooksStore) private readonly webhooks: Pick<WebhooksStore, 'disableGone'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Makes the attempt that was claimed and writes down what came of it; undefined if `signal` cut it off, for then nobody knows.
   * Rejects where it could not be written down.
   */
  async deliver(claim: Claim, signal: AbortSignal): Promise<Outcome | undefined> {
    const answer = await this.send(claim.webhook, claim.alert, signal);
    if (!answer) return undefined;
    const verdict = verdictOf(answer, claim.attempts);
    await this.deliveries.record(claim, verdict, answer, this.clock.now());
    if (verdict.state === 'failed' && verdict.isGone) await this.webhooks.disableGone(claim.webhook.id, claim.webhook.changedAt);
    return { verdict, answer };
  }

  /** Sends an alert that is none, at once and just once; nothing of it is kept. */
  async test(webhook: Receiver): Promise<TestOutcome> {
    const startedAt = this.clock.elapsed();
    const now = this.clock.now();
    const answer = await this.send(webhook, { id: makeId(now), at: now, kind: 'test', facts: {} }, new AbortController().signal);
    return { ...answer!, tookMs: this.clock.elapsed() - startedAt };
  }

  private async send(webhook: Receiver, alert: Alert, signal: AbortSignal): Promise<Answer | undefined> {
    let message: OutgoingMessage;
    try {
      message = this.toMessage(webhook, alert);
    } catch (error) {
      // Once the key is back among TOLLGATE_SECRET_KEYS, another attempt succeeds.
      const reason = `the secret of the webhook cannot be decrypted: ${reasonOf(error)}`;
      return { status: undefined, error: reason, isRefused: false, retryAfterMs: undefined };
    }
    return this.sender.send(webhook.url, message, signal);
  }

  private toMessage({ id, format, sealedSecret }: Receiver, alert: Alert): OutgoingMessage {
    const secret = sealedSecret === undefined ? undefined : this.sealing.open(sealedSecret, placeOf(id));
    return toMessage(alert, format, secret, this.clock.now());
  }
}
