import { systemClock } from '../core/clock.js';
import { KeysService, KeysStore } from '../keys/index.js';
import { Audit, type ConfigSources, PrismaService } from '../platform/index.js';
import { withDatabase } from './gateway-database.js';

const NOTHING_REMEMBERED = { forget: (): void => undefined };

/** The keys of the gateway that is configured here, for as long as `work` takes. */
export function withKeys<T>(sources: ConfigSources, work: (keys: KeysService) => Promise<T>): Promise<T> {
  return withDatabase(sources, (database) => {
    const prisma = new PrismaService(database);
    return work(new KeysService(new KeysStore(prisma, new Audit(prisma, systemClock)), NOTHING_REMEMBERED, systemClock));
  });
}
