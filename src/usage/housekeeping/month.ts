import type { Partition } from './partitions.js';

/** The months (UTC) of the ledger that `nowMs` lies in and that follow it, `count` in all. */
export function monthsFrom(nowMs: number, count: number): readonly Partition[] {
  const now = new Date(nowMs);
  const year = now.getUTCFullYear();
  const first = now.getUTCMonth();
  return Array.from({ length: count }, (_, after) => {
    const since = new Date(Date.UTC(year, first + after));
    const [yyyy, mm] = since.toISOString().split('-');
    return { parent: 'ledger', table: `ledger_${yyyy}_${mm}`, since, until: new Date(Date.UTC(year, first + after + 1)) };
  });
}
