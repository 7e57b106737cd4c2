import { pino } from 'pino';
import { EmbeddedPostgres } from '../../src/platform/database/embedded-postgres.js';
import { makeScratch, removeScratch } from './scratch.js';

/** A server for throwing away. It comes back by itself when it is killed. */
export interface PostgresServer {
  readonly url: string;
  /** Of the server itself, to be killed or frozen; changes when it comes back. */
  readonly pid: number;
  /** Stops it and removes all its files. */
  stop(): Promise<void>;
}

/**
 * Starts a Postgres of one's own, which a test may kill or freeze; takes about half a second. Unless it is `durable`, it forgets the
 * latest of what it has committed when it is killed.
 */
export async function startPostgres({ durable = false } = {}): Promise<PostgresServer> {
  const dataDir = await makeScratch();
  const postgres = await EmbeddedPostgres.start({ dataDir, durable, log: pino({ level: 'silent' }) });
  return {
    url: postgres.url,
    get pid() {
      return postgres.pid;
    },
    stop: async () => {
      await postgres.stop();
      await removeScratch(dataDir);
    },
  };
}
