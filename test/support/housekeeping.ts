import { pino } from 'pino';
import { Housekeeping } from '../../src/usage/housekeeping/housekeeping.js';
import type { Retention } from '../../src/usage/housekeeping/round.js';

export interface TestHousekeeping {
  readonly housekeeping: Housekeeping;
  /** What it has logged. */
  readonly logs: readonly Record<string, unknown>[];
}

export interface HousekeepingOptions extends Partial<Retention> {
  readonly url: string;
  readonly now: string;
  readonly whenReachable?: Promise<void>;
}

/** Housekeeping on a database, at a time, that keeps everything unless told otherwise. */
export function makeHousekeeping(options: HousekeepingOptions): TestHousekeeping {
  const { url, now, ledgerDays = 0, auditDays = 0, whenReachable = Promise.resolve() } = options;
  const logs: Record<string, unknown>[] = [];
  const log = pino({}, { write: (line: string) => void logs.push(JSON.parse(line) as Record<string, unknown>) });
  const database = { directUrl: url, whenReachable };
  const clock = { now: () => Date.parse(now) };
  return { housekeeping: new Housekeeping(database, { retention: { ledgerDays, bodiesDays: 0, auditDays } }, clock, log), logs };
}
