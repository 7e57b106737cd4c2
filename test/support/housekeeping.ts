import { pino } from 'pino';
import { Housekeeping } from '../../src/usage/housekeeping/housekeeping.js';
import type { Retention } from '../../src/usage/housekeeping/round.js';
import { testConfig } from './config.js';

export interface TestHousekeeping {
  readonly housekeeping: Housekeeping;
  /** What it has logged. */
  readonly logs: readonly Record<string, unknown>[];
}

export interface HousekeepingOptions extends Partial<Retention> {
  readonly url: string;
  readonly now: string;
  readonly storesBodies?: boolean;
  readonly whenReachable?: Promise<void>;
}

/** Housekeeping on a database, at a time, that keeps everything unless told otherwise. */
export function makeHousekeeping(options: HousekeepingOptions): TestHousekeeping {
  const { url, now, storesBodies = false, whenReachable = Promise.resolve() } = options;
  const { ledgerDays = 0, bodiesDays = 0, auditDays = 0 } = options;
  const logs: Record<string, unknown>[] = [];
  const log = pino({}, { write: (line: string) => void logs.push(JSON.parse(line) as Record<string, unknown>) });
  const database = { directUrl: url, whenReachable };
  const clock = { now: () => Date.parse(now) };
  const { privacy } = testConfig({ privacy: { storeBodies: storesBodies ? 'full' : 'off' } });
  const config = { retention: { ledgerDays, bodiesDays, auditDays }, privacy };
  return { housekeeping: new Housekeeping(database, config, clock, log), logs };
}
