import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';

/** One attempt at a provider, as the ledger has it. */
export interface RecordedAttempt {
  readonly provider: string;
  /** On the scale of `Date.now()`. */
  readonly atMs: number;
  readonly outcome: string;
}

export interface Recorded {
  readonly rows: number;
  readonly attempts: readonly RecordedAttempt[];
  /** How many rows ended in each way. */
  readonly endings: Readonly<Record<string, number>>;
}

interface Row {
  readonly admitted_at: Date;
  readonly ending: string;
  readonly attempts: readonly { readonly provider: string; readonly started_ms: number; readonly outcome: string }[];
}

const PATIENCE_MS = 20_000;

/** Reads the ledger as soon as it has a row for each of so many requests, or cannot be expected to get them any more. */
export async function readRecorded(databaseUrl: string, requests: number): Promise<Recorded> {
  const pool = new Pool({ connectionString: databaseUrl, max: 1 });
  try {
    const deadline = performance.now() + PATIENCE_MS;
    const count = async (): Promise<number> => Number((await pool.query<{ n: string }>('select count(*) as n from ledger')).rows[0]!.n);
    while ((await count()) < requests && performance.now() < deadline) await sleep(100);
    const { rows } = await pool.query<Row>('select admitted_at, ending, attempts from ledger');
    return toRecorded(rows);
  } finally {
    await pool.end();
  }
}

function toRecorded(rows: readonly Row[]): Recorded {
  const endings: Record<string, number> = {};
  for (const { ending } of rows) endings[ending] = (endings[ending] ?? 0) + 1;
  const attempts = rows.flatMap(({ admitted_at, attempts: tried }) =>
    tried.map(({ provider, started_ms, outcome }) => ({ provider, outcome, atMs: admitted_at.getTime() + started_ms })),
  );
  return { rows: rows.length, endings, attempts: attempts.toSorted((a, b) => a.atMs - b.atMs) };
}
