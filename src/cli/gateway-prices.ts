import { systemClock } from '../core/clock.js';
import { Audit, type ConfigSources, PrismaService } from '../platform/index.js';
import { aloneWithPrices, openPriceSync, type PriceSync, PriceOverridesStore } from '../usage/index.js';
import { withDatabase } from './gateway-database.js';

/** The published prices of the providers that are configured here. */
export interface PriceTools {
  readonly sync: PriceSync;
  /** Does what one process at a time does; undefined = another one is at it. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T | undefined>;
}

/** For as long as `work` takes, beside gateways that run or without. */
export function withPrices<T>(sources: ConfigSources, work: (tools: PriceTools) => Promise<T>): Promise<T> {
  return withDatabase(sources, (database, config) => {
    const prisma = new PrismaService(database);
    const store = new PriceOverridesStore(prisma, new Audit(prisma, systemClock), systemClock);
    return work({ sync: openPriceSync(config, store, systemClock), alone: (each) => aloneWithPrices(database.directUrl, each) });
  });
}
