import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../core/clock.js';
import { GatewayError } from '../core/errors.js';
import type { PricedModel } from '../core/price.js';
import type { Provider } from '../core/provider.js';
import type { Plan, PricedTarget, Target } from '../core/target.js';
import { CONFIG, type Config } from '../platform/index.js';
import { ChargedPrices, PriceBook } from '../usage/index.js';

/** What targets charge; where nobody knows, what the operator says that they are to be taken for. */
@Injectable()
export class TargetPrices {
  constructor(
    private readonly prices: PriceBook,
    private readonly charged: ChargedPrices,
    @Inject(CONFIG) private readonly config: Pick<Config, 'unpriced'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** As of now: what planning goes by, before there is a call with a time of its own. Undefined where nobody knows, which is not free. */
  readonly current = (target: Target): PricedModel | undefined => this.at(target, this.clock.now());

  /** A target with what it charges a call that was admitted at `atMs`. Written out: spreading it would cost more than all else here. */
  priced(target: Target, atMs: number): PricedTarget {
    const { provider, model, metricModel, weight, health, traffic } = target;
    return { provider, model, metricModel, weight, health, traffic, priced: this.at(target, atMs) };
  }

  /** The same of a target that is about to be asked: by this price the call may be charged, so it is kept. */
  asked(target: Target, atMs: number): PricedTarget {
    const known = this.priced(target, atMs);
    if (known.priced) this.charged.keep(known.priced);
    return known;
  }

  /**
   * The plan without what has no price, where the operator wants no call of it; elsewhere the plan itself. Throws `forbidden` where that
   * leaves nowhere to go.
   */
  payable(plan: Plan, atMs: number): Plan {
    if (this.config.unpriced.policy !== 'reject') return plan;
    const isPriced = (target: Target): boolean => this.at(target, atMs) !== undefined;
    const targets = plan.targets.filter(isPriced);
    if (targets.length === 0) throw withoutPrice(plan.targets[0]?.model);
    const { onContextOverflow, onContentPolicy } = plan;
    return { ...plan, targets, onContextOverflow: onContextOverflow.filter(isPriced), onContentPolicy: onContentPolicy.filter(isPriced) };
  }

  /** The models that the price lists know of a provider of its type. */
  modelsOf(provider: Pick<Provider, 'name' | 'type'>): readonly string[] {
    return this.prices.catalogue(provider, this.clock.now()).map(({ id }) => id);
  }

  private at({ provider, model }: Target, atMs: number): PricedModel | undefined {
    const priced = this.prices.find(provider, model, atMs);
    const { unpriced } = this.config;
    return priced ?? (unpriced.policy === 'price_as' ? this.prices.findAnywhere(unpriced.model, atMs) : undefined);
  }
}

function withoutPrice(model = ''): GatewayError {
  const message = `The model \`${model}\` has no price, and this gateway lets no call through that it cannot price. Ask an administrator to set one.`;
  return new GatewayError('forbidden', message, { param: 'model' });
}
