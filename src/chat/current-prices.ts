import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../core/clock.js';
import type { PricedModel } from '../core/price.js';
import type { Provider } from '../core/provider.js';
import type { Target } from '../core/target.js';
import { PriceBook } from '../usage/index.js';

/** The price book as of now: what planning goes by, before there is a call with a time of its own. */
@Injectable()
export class CurrentPrices {
  constructor(
    private readonly prices: PriceBook,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Undefined where nobody knows, which is not free. */
  readonly of = ({ provider, model }: Target): PricedModel | undefined => this.prices.find(provider.type, model, this.clock.now());

  /** The models that the price lists know of a provider of this type. */
  modelsOf({ type }: Pick<Provider, 'type'>): readonly string[] {
    return this.prices.catalogue(type, this.clock.now()).map(({ id }) => id);
  }
}
