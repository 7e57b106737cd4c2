import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { EmbeddedPostgres } from '../../src/platform/database/embedded-postgres.js';

/** A server for throwing away. It comes back by itself when it is killed. */
export interface PostgresServer {
  readonly url: string;
  /** Stops it and removes all its files. */
  stop(): Promise<void>;
}

/** Starts a Postgres of one's own, which a test may kill or freeze; takes about half a second. */
export async function startPostgres(): Promise<PostgresServer> {
  const dataDir = await mkdtemp(path.join(tmpdir(), 'tollgate-test-'));
  const postgres = await EmbeddedPostgres.start({ dataDir, durable: false, log: pino({ level: 'silent' }) });
  return {
    url: postgres.url,
    stop: async () => {
      await postgres.stop();
      for (const dir of [postgres.home, dataDir]) await rm(dir, { recursive: true, force: true });
    },
  };
}
