import type { Clock } from '../../../core/clock.js';
import type { PricedModel } from '../../../core/price.js';
import { type Actor, reasonOf } from '../../../platform/index.js';
import { overridesAt } from '../overrides/overrides-in-force.js';
import { type PriceOverride, toOverride } from '../overrides/price-override.js';
import type { PriceOverridesStore } from '../overrides/price-overrides.store.js';
import type { StatedPrice } from '../stated-price.js';
import { fetchPriceList, type FetchTerms, type ListedAccount } from './fetch-price-list.js';
import { compareList, type ListComparison, type ModelChange } from './price-changes.js';
import { readPriceList } from './price-list.js';

/** What is known of models besides what was synchronised: a price book without any overrides. */
export interface PricesBesides {
  find(provider: Pick<ListedAccount, 'name' | 'type'>, model: string, atMs: number): PricedModel | undefined;
}

export interface PriceSyncParts {
  /** All accounts as they are configured now. */
  readonly accounts: () => readonly ListedAccount[];
  readonly store: Pick<PriceOverridesStore, 'load' | 'insert'>;
  /** Asked for when it is first needed. */
  readonly besides: () => Promise<PricesBesides>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Why a provider's list was not compared. */
export interface UnreadList {
  readonly provider: string;
  readonly problem: string;
}

export type SyncOutcome = ListComparison | UnreadList;

/** Takes over what providers publish of their prices. Of those that are known OpenRouter does. */
export class PriceSync {
  constructor(private readonly parts: PriceSyncParts) {}

  /** The names of the providers that publish their prices. */
  providers(): readonly string[] {
    return this.accounts().map(({ name }) => name);
  }

  /** What would change at each, or at the one of that name; one that cannot be asked keeps nobody from the others. Changes nothing. */
  async compare(provider?: string, terms: FetchTerms = {}): Promise<readonly SyncOutcome[]> {
    const asked = this.accounts().filter(({ name }) => (provider ?? name) === name);
    return Promise.all(asked.map((account) => this.compareOne(account, terms)));
  }

  /** From now on these hold: all of them, or none. */
  async apply(changes: readonly ModelChange[], by: Actor): Promise<readonly PriceOverride[]> {
    const nowMs = this.parts.clock.now();
    const overrides = changes.map(({ provider, model, rates }) => {
      return toOverride({ provider, model, rates, tiers: [], origin: 'sync', from: undefined }, by.id, nowMs);
    });
    if (overrides.length > 0) await this.parts.store.insert(overrides, by);
    return overrides;
  }

  private accounts(): readonly ListedAccount[] {
    return this.parts.accounts().filter(({ type, enabled }) => enabled && type === 'openrouter');
  }

  private async compareOne(account: ListedAccount, terms: FetchTerms): Promise<SyncOutcome> {
    const { name: provider } = account;
    try {
      const list = readPriceList(await fetchPriceList(account, terms));
      const [synchronised, besides] = await Promise.all([this.synchronised(provider), this.parts.besides()]);
      const nowMs = this.parts.clock.now();
      return compareList(provider, list, { synchronised, besides: (model) => besides.find(account, model, nowMs)?.price });
    } catch (error) {
      return { provider, problem: reasonOf(error) };
    }
  }

  /** What holds of what was taken over before, by model. */
  private async synchronised(provider: string): Promise<ReadonlyMap<string, StatedPrice>> {
    const all = await this.parts.store.load();
    const own = all.filter((override) => override.origin === 'sync' && override.provider === provider);
    const byModel = new Map<string, PriceOverride[]>();
    for (const override of own) byModel.set(override.model, [...(byModel.get(override.model) ?? []), override]);
    const nowMs = this.parts.clock.now();
    return new Map([...byModel].flatMap(([model, rows]) => overridesAt(rows, nowMs).map(({ rates }) => [model, rates] as const)));
  }
}

export function isCompared(outcome: SyncOutcome): outcome is ListComparison {
  return !isUnread(outcome);
}

export function isUnread(outcome: SyncOutcome): outcome is UnreadList {
  return 'problem' in outcome;
}
