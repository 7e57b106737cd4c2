import { pino } from 'pino';
import { systemClock } from '../core/clock.js';
import { type Config, type ConfigSources, Database, loadConfig } from '../platform/index.js';

/**
 * The database of the gateway that is configured here, for as long as `work` takes. Where a gateway runs on an embedded database, its
 * server is used; where none does, one is started for the moment. Nothing is logged: a command answers by itself.
 */
export async function withDatabase<T>(sources: ConfigSources, work: (database: Database, config: Config) => Promise<T>): Promise<T> {
  const config = loadConfig(sources);
  const { url, directUrl, dataDir } = config.database;
  const log = pino({ level: 'silent' });
  const database = await Database.open({ databaseUrl: url?.reveal(), databaseDirectUrl: directUrl?.reveal(), dataDir }, log, systemClock);
  try {
    if (!database.isReachable) throw new Error('The database does not answer. Check DATABASE_URL, and that the server is up.');
    return await work(database, config);
  } finally {
    await database.close();
  }
}
