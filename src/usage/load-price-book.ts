import type { Clock } from '../core/clock.js';
import type { LiveConfig, Log } from '../platform/index.js';
import { PriceBook } from './price-book.js';
import { loadGenaiPrices } from './prices/genai-prices.js';
import { OperatorPrices } from './prices/operator-price.js';
import type { KnownOverrides } from './prices/overrides/overrides-in-force.js';

/**
 * Reads every price list that may be asked for, so that no call waits for one, and notes prices that had to be rounded up. The
 * operator's own prices follow the configuration.
 */
export async function loadPriceBook(live: LiveConfig, log: Log, clock: Clock, overrides: KnownOverrides): Promise<PriceBook> {
  const book = new PriceBook(new OperatorPrices(live.current), await loadGenaiPrices(), overrides);
  const models = book.roundedModels();
  if (models.length > 0) log.debug({ event: 'prices_rounded_up', models }, 'Prices finer than a pico-dollar per token were rounded up.');
  live.onChange((next) => {
    const prices = new OperatorPrices(next);
    return { apply: () => book.reprice(prices, clock.now()), discard: () => undefined };
  });
  return book;
}
