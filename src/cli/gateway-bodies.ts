import { type ConfigSources, PrismaService } from '../platform/index.js';
import { BodyResealing } from '../usage/index.js';
import { withDatabase } from './gateway-database.js';

/** The stored bodies of the gateway that is configured here, for as long as `work` takes. */
export function withBodies<T>(sources: ConfigSources, work: (resealing: BodyResealing) => Promise<T>): Promise<T> {
  return withDatabase(sources, async (database, { keys }) => work(new BodyResealing(new PrismaService(database), keys.secretKeys)));
}
