import { Injectable } from '@nestjs/common';
import type { Providers } from '../core/provider.js';
import { type Config, LiveConfig, type Prepared } from '../platform/index.js';
import { LiveProviders } from '../providers/index.js';
import { ModelCatalogue, RoutePlanner, TargetHealths } from '../routing/index.js';
import { TargetPrices } from './target-prices.js';
import { RouteToggles } from './route-toggles.js';

/**
 * The planner of the configuration in force, with what routing must not know by itself: prices, and what administrators have
 * switched. A plan that was made before a reload stays what it was.
 */
@Injectable()
export class Routes {
  private inForce: RoutePlanner;

  constructor(
    live: LiveConfig,
    private readonly providers: LiveProviders,
    private readonly prices: TargetPrices,
    private readonly healths: TargetHealths,
    private readonly toggles: RouteToggles,
  ) {
    this.inForce = this.plannerFor(live.current, providers.byName);
    live.onChange((next) => this.prepare(next));
  }

  get planner(): RoutePlanner {
    return this.inForce;
  }

  private prepare(next: Config): Prepared {
    const { providers, apply, discard } = this.providers.prepare(next);
    try {
      const planner = this.plannerFor(next, providers);
      const use = (): void => {
        apply();
        this.inForce = planner;
        this.healths.reconfigure(next.breaker, next.retry);
      };
      return { apply: use, discard };
    } catch (error) {
      discard();
      throw error;
    }
  }

  private plannerFor(config: Config, providers: Providers): RoutePlanner {
    const { prices, healths, toggles } = this;
    const known = [...providers.values()].map((provider) => [provider.name, prices.modelsOf(provider)] as const);
    return new RoutePlanner({
      config,
      providers,
      catalogue: new ModelCatalogue(providers, new Map(known)),
      healths,
      isEnabled: toggles.isEnabled,
      priceOf: prices.current,
      random: Math.random,
    });
  }
}
