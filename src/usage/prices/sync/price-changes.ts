import { type Price, type Rate, RATES } from '../../../core/price.js';
import type { StatedPrice } from '../stated-price.js';
import type { PriceList, SkippedModel } from './price-list.js';

/** Prices that rise or fall by more than that are looked at by somebody before they hold. */
const STEEP = 10n;

/** What a rate was and what it is to be, in pico-dollars; undefined = it is not named. */
export interface RateChange {
  readonly rate: Rate;
  readonly old: bigint | undefined;
  readonly new: bigint | undefined;
}

/** A model that is priced otherwise than before. */
export interface ModelChange {
  readonly provider: string;
  readonly model: string;
  /** `new`: the list had no price of it when it was last taken over; it is compared with what the gateway knows of the model besides. */
  readonly kind: 'new' | 'changed';
  /** All that is to hold. */
  readonly rates: StatedPrice;
  readonly changes: readonly RateChange[];
  /** Something rises or falls more than tenfold, or costs nothing any more, or something for the first time. */
  readonly isSteep: boolean;
}

/** A provider's list beside the prices that were taken over from it before. */
export interface ListComparison {
  readonly provider: string;
  readonly listed: number;
  readonly changes: readonly ModelChange[];
  readonly unchanged: number;
  /** Not in the list any more: they keep their price. */
  readonly gone: readonly string[];
  readonly skipped: readonly SkippedModel[];
  readonly roundedUp: readonly string[];
}

export interface KnownPrices {
  /** What was taken over from the list before, by model. */
  readonly synchronised: ReadonlyMap<string, StatedPrice>;
  /** What else is known of a model. */
  readonly besides: (model: string) => Price | undefined;
}

/** What taking over a provider's list would change. */
export function compareList(provider: string, list: PriceList, { synchronised, besides }: KnownPrices): ListComparison {
  const changes = [...list.rates].flatMap(([model, rates]): readonly ModelChange[] => {
    const before = synchronised.get(model);
    const old = before ?? statedOf(besides(model));
    const rateChanges = differences(old ?? {}, rates);
    if (before && rateChanges.length === 0) return [];
    const kind = before ? 'changed' : 'new';
    const told = before ? rateChanges : RATES.flatMap((rate) => toChange(rate, old ?? {}, rates));
    return [{ provider, model, kind, rates, changes: told, isSteep: old !== undefined && isSteep(old, rates) }];
  });
  const skipped = new Set(list.skipped.map(({ model }) => model));
  return {
    provider,
    listed: list.rates.size + list.skipped.length,
    changes,
    unchanged: list.rates.size - changes.length,
    gone: [...synchronised.keys()].filter((model) => !list.rates.has(model) && !skipped.has(model)).toSorted(),
    skipped: list.skipped,
    roundedUp: list.roundedUp,
  };
}

function differences(old: StatedPrice, now: StatedPrice): readonly RateChange[] {
  return RATES.flatMap((rate) => toChange(rate, old, now)).filter((change) => change.old !== change.new);
}

function toChange(rate: Rate, old: StatedPrice, now: StatedPrice): readonly RateChange[] {
  return now[rate] === undefined && old[rate] === undefined ? [] : [{ rate, old: old[rate], new: now[rate] }];
}

/** Sound and pictures are left out: where nobody names a price for them the book has one that is meant to be too much. */
function statedOf(price: Price | undefined): StatedPrice | undefined {
  if (!price) return undefined;
  const { audioInput: _heard, audioOutput: _spoken, image: _seen, ...stated } = price;
  return stated;
}

function isSteep(old: StatedPrice, now: StatedPrice): boolean {
  const [before, after] = [effective(old), effective(now)];
  return RATES.some((rate) => {
    const [was, is] = [before[rate], after[rate]];
    return was !== undefined && is !== undefined && was !== is && (is > was * STEEP || was > is * STEEP);
  });
}

/** With what is charged in the place of what is not named. */
function effective(stated: StatedPrice): StatedPrice {
  const { input, output } = stated;
  const cacheWrite5m = stated.cacheWrite5m ?? input;
  const filled = {
    cacheRead: stated.cacheRead ?? input,
    cacheWrite5m,
    cacheWrite1h: stated.cacheWrite1h ?? cacheWrite5m,
    reasoning: stated.reasoning ?? output,
    request: stated.request ?? 0n,
  };
  return { ...stated, ...(Object.fromEntries(Object.entries(filled).filter(([, pico]) => pico !== undefined)) as StatedPrice) };
}
