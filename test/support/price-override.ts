import type { PriceOverride } from '../../src/usage/prices/overrides/price-override.js';

/** An administrator's, on `model` wherever it is, since ever and without a price, unless told otherwise. */
export function anOverride(changes: Partial<PriceOverride> = {}): PriceOverride {
  return {
    id: 'override',
    provider: undefined,
    model: 'model',
    from: 0,
    rates: {},
    tiers: [],
    origin: 'admin',
    createdAt: 0,
    createdBy: 'admin:admin',
    removedAt: undefined,
    ...changes,
  };
}
