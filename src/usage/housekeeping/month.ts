/** A month of UTC, and the partition that holds the rows of the ledger that were admitted in it. */
export interface Month {
  /** `ledger_2026_11` */
  readonly table: string;
  readonly since: Date;
  /** When the next one begins. */
  readonly until: Date;
}

/** The month that `nowMs` lies in, and those that follow it, `count` in all. */
export function monthsFrom(nowMs: number, count: number): readonly Month[] {
  const now = new Date(nowMs);
  const year = now.getUTCFullYear();
  const first = now.getUTCMonth();
  return Array.from({ length: count }, (_, after) => {
    const since = new Date(Date.UTC(year, first + after));
    const [yyyy, mm] = since.toISOString().split('-');
    return { table: `ledger_${yyyy}_${mm}`, since, until: new Date(Date.UTC(year, first + after + 1)) };
  });
}
