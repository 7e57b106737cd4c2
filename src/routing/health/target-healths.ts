import type { Clock } from '../../core/clock.js';
import type { BreakerState, ProviderTraffic, TargetHealth } from '../../core/target-health.js';
import type { Config } from '../../platform/index.js';
import { type BreakerReason, type BreakerSettings, CircuitBreaker, type ForcedState } from './circuit-breaker.js';
import { ModelHealth } from './model-health.js';
import { PeakEwma } from './peak-ewma.js';
import { SharedTraffic } from './shared-traffic.js';

type RetrySettings = Pick<Config['retry'], 'budgetRatio'>;

/** Hears of breakers, in the same turn of the event loop. */
export interface HealthWatcher {
  /** A target was asked for the first time. */
  created?(health: ModelHealth): void;
  /** Its breaker has decided; what it was told of another replica's is not heard. */
  changed?(health: ModelHealth, state: BreakerState, reason: BreakerReason): void;
}

/**
 * How every target fares, and what calls to one provider share. The same names give the same object for as long as the process
 * lives, so that plans may keep them.
 */
export class TargetHealths {
  /** By provider, then by the model's name in metrics. */
  private readonly healths = new Map<string, Map<string, ModelHealth>>();
  private readonly traffics = new Map<string, SharedTraffic>();
  private readonly forced = new Map<string, ForcedState>();
  private readonly watchers: HealthWatcher[] = [];

  /** `random`: from 0 to 1. */
  constructor(
    private settings: BreakerSettings,
    private retry: RetrySettings,
    private readonly clock: Pick<Clock, 'elapsed'>,
    private readonly random: () => number,
  ) {}

  of(provider: string, metricModel: string): TargetHealth {
    return this.find(provider, metricModel) ?? this.create(provider, metricModel);
  }

  /** `maxConcurrency`: calls of this process at a time, 0 = any number; the last word holds. */
  trafficOf(provider: string, maxConcurrency: number): ProviderTraffic {
    let traffic = this.traffics.get(provider);
    if (!traffic) {
      traffic = new SharedTraffic(provider, maxConcurrency, this.retry.budgetRatio, this.clock);
      this.traffics.set(provider, traffic);
    }
    traffic.bound(maxConcurrency);
    return traffic;
  }

  /** Of a target that was asked for before. */
  find(provider: string, metricModel: string): ModelHealth | undefined {
    return this.healths.get(provider)?.get(metricModel);
  }

  /** Every target that was ever asked for. */
  *all(): Generator<ModelHealth, void, undefined> {
    for (const models of this.healths.values()) yield* models.values();
  }

  /**
   * Holds the breakers of all its models open or closed, of those too that come later; undefined gives them back to themselves. The
   * same word twice changes nothing.
   */
  force(provider: string, forced: ForcedState | undefined): void {
    if (forced === this.forced.get(provider)) return;
    if (forced === undefined) this.forced.delete(provider);
    else this.forced.set(provider, forced);
    for (const health of this.modelsOf(provider)) health.breaker.force(forced);
  }

  forcedState(provider: string): ForcedState | undefined {
    return this.forced.get(provider);
  }

  /** Closes the breakers of all its models, in all replicas, and forgets what was counted. What is forced stays so. */
  reset(provider: string): void {
    for (const health of this.modelsOf(provider)) health.breaker.reset();
  }

  watch(watcher: HealthWatcher): void {
    this.watchers.push(watcher);
  }

  /** From now on; states, calls in hand and what was saved stay. */
  reconfigure(breaker: BreakerSettings, retry: RetrySettings): void {
    this.settings = breaker;
    this.retry = retry;
    for (const health of this.all()) health.breaker.reconfigure(breaker);
    for (const traffic of this.traffics.values()) traffic.allowRepeats(retry.budgetRatio);
  }

  private modelsOf(provider: string): Iterable<ModelHealth> {
    return this.healths.get(provider)?.values() ?? [];
  }

  private create(provider: string, model: string): ModelHealth {
    const breaker = new CircuitBreaker(this.settings, {
      clock: this.clock,
      random: this.random,
      onChange: (state, reason) => this.watchers.forEach((watcher) => watcher.changed?.(health, state, reason)),
    });
    const health = new ModelHealth(provider, model, breaker, new PeakEwma(this.clock));
    const models = this.healths.get(provider) ?? new Map<string, ModelHealth>();
    this.healths.set(provider, models.set(model, health));
    this.watchers.forEach((watcher) => watcher.created?.(health));
    breaker.force(this.forced.get(provider));
    return health;
  }
}
