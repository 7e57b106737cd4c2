import type { Config, Log } from '../platform/index.js';
import { PriceBook } from './price-book.js';
import { loadGenaiPrices } from './prices/genai-prices.js';
import { OperatorPrices } from './prices/operator-price.js';

/** Reads every price list that may be asked for, so that no call waits for one, and notes prices that had to be rounded up. */
export async function loadPriceBook(config: Pick<Config, 'prices' | 'costPerToken'>, log: Log): Promise<PriceBook> {
  const book = new PriceBook(new OperatorPrices(config), await loadGenaiPrices());
  const models = book.roundedModels();
  if (models.length > 0) log.debug({ event: 'prices_rounded_up', models }, 'Prices finer than a pico-dollar per token were rounded up.');
  return book;
}
