import type { Clock } from '../../../core/clock.js';
import type { Config } from '../../../platform/index.js';
import { PriceBook } from '../../price-book.js';
import { loadGenaiPrices } from '../genai-prices.js';
import { OperatorPrices } from '../operator-price.js';
import type { PriceOverridesStore } from '../overrides/price-overrides.store.js';
import { PriceSync, type PricesBesides } from './price-sync.js';

const NOTHING_SET = { prices: [], costPerToken: { exact: [], families: [] } };

/** For the accounts of a configuration, as they stand in it whenever they are asked for. */
export function openPriceSync(
  config: Pick<Config, 'providers'>,
  store: Pick<PriceOverridesStore, 'load' | 'insert'>,
  clock: Clock,
): PriceSync {
  let listed: Promise<PricesBesides> | undefined;
  const load = async (): Promise<PricesBesides> => new PriceBook(new OperatorPrices(NOTHING_SET), await loadGenaiPrices());
  return new PriceSync({ accounts: () => config.providers, store, besides: () => (listed ??= load()), clock });
}
