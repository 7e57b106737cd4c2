import { pino } from 'pino';
import { systemClock } from '../core/clock.js';
import { KeysService, KeysStore } from '../keys/index.js';
import { Audit, type ConfigSources, Database, loadConfig, PrismaService } from '../platform/index.js';

const NOTHING_REMEMBERED = { forget: (): void => undefined };

/**
 * The keys of the gateway that is configured here, for as long as `work` takes. Where a gateway runs on an embedded
 * database, its server is used; where none does, one is started for the moment. Nothing is logged: a command answers by itself.
 */
export async function withKeys<T>(sources: ConfigSources, work: (keys: KeysService) => Promise<T>): Promise<T> {
  const config = loadConfig(sources);
  const { url, directUrl, dataDir } = config.database;
  const log = pino({ level: 'silent' });
  const database = await Database.open({ databaseUrl: url?.reveal(), databaseDirectUrl: directUrl?.reveal(), dataDir }, log, systemClock);
  try {
    if (!database.isReachable) throw new Error('The database does not answer. Check DATABASE_URL, and that the server is up.');
    const prisma = new PrismaService(database);
    return await work(new KeysService(new KeysStore(prisma, new Audit(prisma, systemClock)), NOTHING_REMEMBERED, systemClock));
  } finally {
    await database.close();
  }
}
