import { createTemplate } from './database.js';
import { startPostgres } from './postgres.js';
import { startRedis } from './redis.js';
import { sweepScratch } from './scratch.js';

export interface Stores {
  /** What the tests find them by. */
  readonly env: Readonly<Record<string, string>>;
  stop(): Promise<void>;
}

/** The Postgres and the Redis that all integration and end-to-end tests of a run share. */
export async function startStores(): Promise<Stores> {
  await sweepScratch();
  const [postgres, redis] = await Promise.all([startPostgres(), findRedis()]);
  await createTemplate(postgres.url);
  return {
    env: { TOLLGATE_TEST_POSTGRES_URL: postgres.url, ...(redis ? { TOLLGATE_TEST_REDIS_URL: redis.url } : {}) },
    stop: async () => {
      await Promise.all([postgres.stop(), redis?.stop()]);
    },
  };
}

/** `REDIS_URL`, or one that we start. Without any the suites that need it are left out, which CI does not put up with. */
async function findRedis(): Promise<{ readonly url: string; stop(): Promise<void> } | undefined> {
  const given = process.env.REDIS_URL;
  if (given) return { url: given, stop: () => Promise.resolve() };
  try {
    return await startRedis();
  } catch (error) {
    if (process.env.CI === 'true')
      throw new Error('There is no Redis for the tests: install redis-server or set REDIS_URL.', { cause: error });
    console.warn(`\n*** No Redis: the tests that need one are SKIPPED. Install redis-server or set REDIS_URL. (${String(error)}) ***\n`);
    return undefined;
  }
}
