import { RATES } from '../../../core/price.js';
import type { AuditFacts } from '../../../platform/index.js';
import type { StatedPrice, StatedRate } from '../stated-price.js';
import type { OverrideOrigin, PriceOverride } from './price-override.js';

type StoredRates = Readonly<Record<string, string>>;
type StoredTiers = readonly { readonly aboveInputTokens: number; readonly rates: StoredRates }[];

export interface OverrideRow {
  readonly id: string;
  readonly provider: string | null;
  readonly model: string;
  readonly from: Date;
  readonly rates: unknown;
  readonly tiers: unknown;
  readonly origin: string;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly removedAt: Date | null;
}

export function fromRow(row: OverrideRow): PriceOverride {
  return {
    id: row.id,
    provider: row.provider ?? undefined,
    model: row.model,
    from: row.from.getTime(),
    rates: fromStored(row.rates as StoredRates),
    tiers: (row.tiers as StoredTiers).map(({ aboveInputTokens, rates }) => ({ aboveInputTokens, stated: fromStored(rates) })),
    origin: row.origin as OverrideOrigin,
    createdAt: row.createdAt.getTime(),
    createdBy: row.createdBy,
    removedAt: row.removedAt?.getTime(),
  };
}

export function toRow(override: PriceOverride) {
  return {
    ...override,
    provider: override.provider ?? null,
    from: new Date(override.from),
    rates: toStored(override.rates),
    tiers: toStoredTiers(override.tiers),
    createdAt: new Date(override.createdAt),
    removedAt: override.removedAt === undefined ? null : new Date(override.removedAt),
  };
}

/** What the audit log keeps of it: pico-dollars for a token. */
export function toFacts({ provider, model, from, rates, tiers, origin, removedAt }: PriceOverride): AuditFacts {
  return {
    provider: provider ?? null,
    model,
    from: new Date(from).toISOString(),
    pico_usd_per_token: toStored(rates),
    tiers: toStoredTiers(tiers),
    origin,
    removed_at: removedAt === undefined ? null : new Date(removedAt).toISOString(),
  };
}

function toStored(stated: StatedPrice): Record<string, string> {
  return Object.fromEntries(Object.entries(stated).map(([bucket, pico]) => [bucket, String(pico)]));
}

function toStoredTiers(tiers: StatedRate['tiers']): { aboveInputTokens: number; rates: Record<string, string> }[] {
  return tiers.map(({ aboveInputTokens, stated }) => ({ aboveInputTokens, rates: toStored(stated) }));
}

/** Rates that this version does not know are not charged by it either. */
function fromStored(stored: StoredRates): StatedPrice {
  return Object.fromEntries(RATES.flatMap((rate) => (stored[rate] === undefined ? [] : [[rate, BigInt(stored[rate])]])));
}
