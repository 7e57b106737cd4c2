import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../core/clock.js';
import { GatewayError } from '../../core/errors.js';
import type { Actor } from '../../platform/index.js';
import { answered, confirmed } from '../unavailable.js';
import { DeliveriesStore, type RetryFacts } from './deliveries.store.js';
import type { Delivery, DeliveryQuestion } from './delivery.js';

/** What administrators see of deliveries and do with them. `service_unavailable` while the database is away. */
@Injectable()
export class Deliveries {
  constructor(
    private readonly store: DeliveriesStore,
    @Inject(CLOCK) private readonly clock: Pick<Clock, 'now'>,
  ) {}

  /** Newest first. */
  list(question: DeliveryQuestion): Promise<readonly Delivery[]> {
    return answered(this.store.list(question));
  }

  /** Now, and from the first attempt on. Throws `conflict` for one that has arrived, and where the webhook is off. undefined = there is none. */
  retry(id: string, by: Actor): Promise<Delivery | undefined> {
    return confirmed(this.store.retry(id, by, this.clock.now(), requireRetry));
  }
}

function requireRetry({ state, isWebhookDisabled }: RetryFacts): void {
  if (state === 'delivered') throw new GatewayError('conflict', 'This alert was delivered. There is nothing to retry.');
  if (isWebhookDisabled) throw new GatewayError('conflict', 'The webhook is switched off. Switch it on, then retry.');
}
