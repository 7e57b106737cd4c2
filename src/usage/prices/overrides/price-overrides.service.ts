import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../../core/clock.js';
import { GatewayError } from '../../../core/errors.js';
import type { Actor } from '../../../platform/index.js';
import { LivePriceOverrides } from './live-price-overrides.js';
import { type OverrideWishes, type PriceOverride, toOverride } from './price-override.js';
import { type OverrideQuestion, PriceOverridesStore } from './price-overrides.store.js';
import { type UnpricedModel, type UnpricedQuestion, UnpricedStore } from './unpriced.store.js';

/**
 * What is said of prices while the gateway runs. A change is in effect here when it resolves, and in other processes within a second.
 * Whatever is thrown for another reason than the request itself is `service_unavailable`.
 */
@Injectable()
export class PriceOverridesService {
  constructor(
    private readonly store: PriceOverridesStore,
    private readonly unpricedModels: UnpricedStore,
    @Inject(LivePriceOverrides) private readonly live: Pick<LivePriceOverrides, 'refresh' | 'standing'>,
    @Inject(CLOCK) private readonly clock: Pick<Clock, 'now'>,
  ) {}

  /** All of them in one step, or none. Throws `invalid_request` where one prices nothing, or the past. */
  async create(wishes: readonly OverrideWishes[], by: Actor): Promise<readonly PriceOverride[]> {
    const nowMs = this.clock.now();
    const overrides = wishes.map((one) => toOverride(one, by.id, nowMs));
    await confirmed(this.store.insert(overrides, by));
    await this.live.refresh(overrides.map(({ id }) => id));
    return overrides;
  }

  /** It ends now; as it was before where it has ended already. Undefined = there is none. */
  async remove(id: string, by: Actor): Promise<PriceOverride | undefined> {
    const removed = await confirmed(this.store.remove(id, by, this.clock.now()));
    if (removed) await this.live.refresh([removed.id]);
    return removed;
  }

  /** Newest first; removed ones are among them. */
  list(question: OverrideQuestion): Promise<readonly PriceOverride[]> {
    return answered(this.store.list(question));
  }

  /** Those that have not been taken back, as this process knows them. */
  standing(): readonly PriceOverride[] {
    return this.live.standing();
  }

  /** The models that calls since then have used tokens of, and that had no price. */
  unpriced(question: UnpricedQuestion): Promise<readonly UnpricedModel[]> {
    return answered(this.unpricedModels.list(question));
  }
}

function confirmed<T>(work: Promise<T>): Promise<T> {
  return orUnavailable(work, 'The database did not confirm the change. Look whether it was made, and try again if not.');
}

function answered<T>(work: Promise<T>): Promise<T> {
  return orUnavailable(work, 'The database does not answer. Try again in a moment.');
}

async function orUnavailable<T>(work: Promise<T>, message: string): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    throw new GatewayError('service_unavailable', message, { retryAfterMs: 1_000, cause });
  }
}
