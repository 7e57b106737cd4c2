import type { CounterInspection } from '../limits/index.js';
import type { LedgerTools } from './gateway-ledger.js';
import { type CountersOutcome, toRebuildReport, toVerifyReport } from './ledger-report.js';
import type { Report } from './report.js';

/** Holds the rows against their prices, the sums of budgets and the roll-ups against the rows, and the counters in Redis against the sums. */
export async function verifyLedger({ audit, counters }: LedgerTools): Promise<Report> {
  const findings = await audit.verify();
  return toVerifyReport(findings, await compareCounters(counters));
}

/** Makes the sums of budgets and the roll-ups those of their rows, and then the counters in Redis those of the sums; or says what it would change. */
export async function rebuildLedger({ audit, counters }: LedgerTools, isDryRun: boolean): Promise<Report> {
  const sums = isDryRun ? (await audit.sums()).differences : await audit.rebuild();
  const cells = isDryRun ? await audit.cells() : await audit.rebuildCells();
  const before = await compareCounters(counters);
  const isWanted = before !== undefined && 'differences' in before && before.differences.length > 0;
  if (isDryRun || !isWanted) return toRebuildReport({ isDryRun, sums, cells, before });
  return toRebuildReport({ isDryRun, sums, cells, before, after: await remakeCounters(counters!) });
}

async function remakeCounters(counters: CounterInspection): Promise<CountersOutcome | 'waiting'> {
  return (await counters.rebuild()) ? (await compareCounters(counters))! : 'waiting';
}

/** A Redis that does not answer keeps nobody from what the database says. */
async function compareCounters(counters: CounterInspection | undefined): Promise<CountersOutcome | undefined> {
  if (!counters) return undefined;
  try {
    return await counters.compare();
  } catch (error) {
    return { reason: error instanceof Error ? error.message : String(error) };
  }
}
