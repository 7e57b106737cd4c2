import { systemClock } from '../core/clock.js';
import { CounterInspection } from '../limits/index.js';
import { type ConfigSources, createRedis, PrismaService } from '../platform/index.js';
import { LedgerAudit } from '../usage/index.js';
import { withDatabase } from './gateway-database.js';

/** The ledger of the gateway that is configured here, and the counters in its Redis; undefined where none is configured. */
export interface LedgerTools {
  readonly audit: LedgerAudit;
  readonly counters: CounterInspection | undefined;
}

/** For as long as `work` takes, beside gateways that run or without. */
export function withLedger<T>(sources: ConfigSources, work: (tools: LedgerTools) => Promise<T>): Promise<T> {
  return withDatabase(sources, async (database, config) => {
    const redis = createRedis(config.redis.url?.reveal());
    const audit = await LedgerAudit.open(database.directUrl, tellProgress);
    try {
      return await work({ audit, counters: redis && new CounterInspection(new PrismaService(database), redis, systemClock) });
    } finally {
      redis?.disconnect();
      await audit.close();
    }
  });
}

/** To whoever sits in front of it, and to no file. */
function tellProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`${text}\n`);
}
