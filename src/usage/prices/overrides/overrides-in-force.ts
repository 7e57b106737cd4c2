import type { PriceLayer } from '../price-layer.js';
import type { PriceOverride } from './price-override.js';

/** What the price book must know of overrides. */
export interface KnownOverrides {
  /** Another number after each change of any of them. */
  readonly revision: number;
  /** All that may concern a model at the provider of this name, also those that do not hold yet or any more. */
  of(provider: string, model: string): readonly PriceOverride[];
}

/** Where nobody overrides anything. */
export const NO_OVERRIDES: KnownOverrides = { revision: 0, of: () => [] };

/**
 * Those that hold for calls admitted at `atMs`, the first to be asked first: an administrator's before a list's, one that names the provider
 * before one that does not, and of each of these four kinds the one with the latest beginning alone.
 */
export function overridesAt(overrides: readonly PriceOverride[], atMs: number): readonly PriceOverride[] {
  const holding = overrides.filter(({ from, removedAt }) => from <= atMs && (removedAt === undefined || atMs < removedAt));
  const latest = new Map<number, PriceOverride>();
  for (const override of holding) {
    const rank = rankOf(override);
    const other = latest.get(rank);
    if (!other || isLater(override, other)) latest.set(rank, override);
  }
  return [...latest].toSorted(([one], [other]) => one - other).map(([, override]) => override);
}

/**
 * What `make` makes of the overrides that hold at a moment, made once for each span of time between two moments at which one begins or ends.
 */
export function bySpan<T>(overrides: readonly PriceOverride[], make: (holding: readonly PriceOverride[]) => T): (atMs: number) => T {
  const moments = overrides.flatMap(({ from, removedAt }) => (removedAt === undefined ? [from] : [from, removedAt]));
  const spans = [-Infinity, ...new Set(moments)]
    .sort((one, other) => one - other)
    .map((fromMs) => ({ fromMs, made: undefined as T | undefined }));
  return (atMs) => {
    const span = spans.findLast(({ fromMs }) => fromMs <= atMs)!;
    return (span.made ??= make(overridesAt(overrides, span.fromMs)));
  };
}

export function toLayer({ origin, rates, tiers }: PriceOverride): PriceLayer {
  return { version: origin, base: rates, tiers };
}

function rankOf({ origin, provider }: PriceOverride): number {
  return (origin === 'admin' ? 0 : 2) + (provider === undefined ? 1 : 0);
}

/** Ids rise with time: of two that begin together the one that was made later. */
function isLater(one: PriceOverride, other: PriceOverride): boolean {
  return one.from === other.from ? one.id > other.id : one.from > other.from;
}
