import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import { atLeast, atMost, exactly, type Figure, told } from '../report.js';
import type { JournalEntry } from './billing-stub.js';
import { costNanoUsd } from './budget-plan.js';
import { administrate, type Tenants, type TortureBudget } from './tenants.js';
import type { Outcome } from './torture-clients.js';

interface Row {
  readonly request_id: string;
  readonly ending: string;
  readonly usage_source: string;
  readonly cost_nano_usd: string;
  readonly budgets: readonly string[] | null;
}

interface BudgetAnswer {
  readonly id: string;
  /** US dollars in decimals. */
  readonly spent_usd: string;
  readonly held_usd: string;
}

export interface Evidence {
  readonly journal: readonly JournalEntry[];
  readonly outcomes: readonly Outcome[];
  readonly tenants: Tenants;
  readonly databaseUrl: string;
  /** A gateway that lives. */
  readonly baseUrl: string;
  /** By `performance.now()`: before then nobody inherits what gateways that were killed have left. */
  readonly leasesEndAt: number;
}

/** What every gateway does every five seconds has been done once more: it has inherited, and ended what was left half done. */
const UPKEEP_MS = 6_000;
const AT_REST_MS = 90_000;
const AGAIN_MS = 2_000;

/** What the provider's own journal, the ledger and the counters say of one another, once all is at rest, or cannot be hoped to be. */
export async function judge(evidence: Evidence): Promise<readonly Figure[]> {
  await sleep(Math.max(0, evidence.leasesEndAt - performance.now()) + UPKEEP_MS);
  for (const deadline = performance.now() + AT_REST_MS; ; await sleep(AGAIN_MS)) {
    const figures = await look(evidence);
    if (figures.every(({ holds }) => holds) || performance.now() > deadline) return figures;
  }
}

/** Roll-ups of which the sums are not those of the rows: by key, by model, by end user. A cell whose guesses are all replaced is 0. */
const UNLIKE_ROWS = `
  SELECT count(*)::int AS unlike
  FROM (
    SELECT 'key' AS series, key_id AS name, count(*) AS requests, sum(cost_nano_usd) AS cost FROM ledger GROUP BY 2
    UNION ALL SELECT 'model', coalesce(provider || '/' || model, ''), count(*), sum(cost_nano_usd) FROM ledger GROUP BY 2
    UNION ALL SELECT 'user', user_id, count(*), sum(cost_nano_usd) FROM ledger WHERE user_id IS NOT NULL GROUP BY 2
  ) AS told
  FULL JOIN (
    SELECT series, subject AS name, sum(requests) AS requests, sum(cost_nano_usd) AS cost FROM usage_days WHERE series IN ('key', 'user') GROUP BY 1, 2
    UNION ALL SELECT series, value, sum(requests), sum(cost_nano_usd) FROM usage_quarters WHERE series = 'model' GROUP BY 1, 2
  ) AS summed USING (series, name)
  WHERE (coalesce(told.requests, 0), coalesce(told.cost, 0)) <> (coalesce(summed.requests, 0), coalesce(summed.cost, 0))`;

async function look(evidence: Evidence): Promise<readonly Figure[]> {
  const counters = await readCounters(evidence.baseUrl);
  const pool = new Pool({ connectionString: evidence.databaseUrl, max: 1 });
  try {
    const { rows } = await pool.query<Row>('SELECT request_id, ending, usage_source, cost_nano_usd::text, budgets FROM ledger');
    const spent = await pool.query<{ budget_id: string; spent: string }>(
      'SELECT budget_id::text, sum(spent_nano_usd)::text AS spent FROM budget_spend GROUP BY 1',
    );
    const sums = new Map(spent.rows.map((row) => [row.budget_id, BigInt(row.spent)]));
    const rollUps = await pool.query<{ unlike: number }>(UNLIKE_ROWS);
    return [
      ...ceilings(evidence),
      ...agreement(evidence, counters, rows, sums),
      exactly('roll-ups that are not the sums of their rows', rollUps.rows[0]!.unlike, 0),
      ...bill(evidence, rows),
    ];
  } finally {
    await pool.end();
  }
}

interface Counter {
  readonly spent: bigint;
  readonly held: bigint;
}

async function readCounters(baseUrl: string): Promise<ReadonlyMap<string, Counter>> {
  const { data } = await administrate<{ data: readonly BudgetAnswer[] }>(baseUrl, 'GET', '/budgets?limit=200');
  return new Map(data.map(({ id, spent_usd, held_usd }) => [id, { spent: toNanoUsd(spent_usd), held: toNanoUsd(held_usd) }]));
}

function toNanoUsd(usd: string): bigint {
  const [whole = '0', fraction = ''] = usd.split('.');
  return BigInt(whole) * 1_000_000_000n + BigInt(fraction.padEnd(9, '0'));
}

/** What the provider billed to each budget. */
function ceilings({ journal, outcomes, tenants }: Evidence): readonly Figure[] {
  const billed = new Map<string, bigint>();
  const payers = new Map(outcomes.map(({ id, payer }) => [id, payer]));
  for (const entry of journal) {
    for (const budget of payers.get(entry.call)?.budgets ?? []) billed.set(budget, (billed.get(budget) ?? 0n) + costOfEntry(entry));
  }
  const exceeded = tenants.budgets.filter(({ id, limitNanoUsd }) => (billed.get(id) ?? 0n) > limitNanoUsd);
  const shares = tenants.budgets.map((budget) => shareOf(budget, billed.get(budget.id) ?? 0n));
  return [
    told('calls', outcomes.length),
    ...endingsOf(outcomes),
    told('attempts at the provider', journal.length),
    exactly('budgets exceeded by the journal', exceeded.length, 0),
    told('budgets used up to 95 % or more by the journal', shares.filter((share) => share >= 0.95).length),
    told('the fullest budget by the journal', `${(Math.max(...shares) * 100).toFixed(3)} %`),
  ];
}

function agreement({ tenants }: Evidence, counters: ReadonlyMap<string, Counter>, rows: readonly Row[], sums: ReadonlyMap<string, bigint>) {
  const charged = new Map<string, bigint>();
  for (const { budgets, cost_nano_usd } of rows) {
    for (const ref of budgets ?? []) {
      const id = ref.split('@')[0]!;
      charged.set(id, (charged.get(id) ?? 0n) + BigInt(cost_nano_usd));
    }
  }
  const wrong = (holds: (budget: TortureBudget) => boolean): number => tenants.budgets.filter((budget) => !holds(budget)).length;
  const spentOf = ({ id }: TortureBudget): bigint => counters.get(id)!.spent;
  return [
    exactly(
      'budgets with something held at rest',
      wrong(({ id }) => counters.get(id)!.held === 0n),
      0,
    ),
    exactly(
      'budgets whose counter is not the sum of their rows',
      wrong((budget) => spentOf(budget) === (charged.get(budget.id) ?? 0n)),
      0,
    ),
    exactly(
      'budgets whose sum in the database is not that of their rows',
      wrong(({ id }) => (sums.get(id) ?? 0n) === (charged.get(id) ?? 0n)),
      0,
    ),
    told('the fullest counter', fullest(tenants.budgets, spentOf)),
    exactly(
      'budgets whose counter is above their limit',
      wrong((budget) => spentOf(budget) <= budget.limitNanoUsd),
      0,
    ),
  ];
}

/** Call by call: one row for whatever was billed; to the nano-dollar where the provider said so, at least what it wrote elsewhere. */
function bill({ journal, outcomes }: Evidence, rows: readonly Row[]): readonly Figure[] {
  const byCall = new Map<string, bigint>();
  for (const entry of journal) if (entry.outcome !== 'refused') byCall.set(entry.call, (byCall.get(entry.call) ?? 0n) + costOfEntry(entry));
  const rowsOf = new Map<string, Row>();
  let twice = 0;
  for (const row of rows) {
    if (rowsOf.has(row.request_id)) twice += 1;
    rowsOf.set(row.request_id, row);
  }
  const billed = [...byCall].filter(([, cost]) => cost > 0n);
  const missing = billed.filter(([call]) => !rowsOf.has(call));
  const reported = billed.filter(([call]) => rowsOf.get(call)?.usage_source === 'provider');
  const guessed = billed.filter(([call]) => rowsOf.has(call) && rowsOf.get(call)!.usage_source !== 'provider');
  const answered = outcomes.filter(({ status }) => status === 200);
  return [
    told('rows', rows.length),
    told('rows of interrupted calls', rows.filter(({ ending }) => ending === 'interrupted').length),
    exactly('calls with two rows', twice, 0),
    exactly('calls that were billed and have no row', missing.length, 0),
    exactly('calls that were answered and have no row', answered.filter(({ id }) => !rowsOf.has(id)).length, 0),
    exactly(
      'rows by the provider’s figures that are not what it billed',
      reported.filter(([call, cost]) => BigInt(rowsOf.get(call)!.cost_nano_usd) !== cost).length,
      0,
    ),
    exactly(
      'rows by our own figures below what was billed',
      guessed.filter(([call, cost]) => BigInt(rowsOf.get(call)!.cost_nano_usd) < cost).length,
      0,
    ),
    atMost('share of rows by our own figures', guessed.length / Math.max(1, billed.length), 0.5),
  ];
}

function costOfEntry({ model, inputTokens, outputTokens, outcome }: JournalEntry): bigint {
  return outcome === 'refused' ? 0n : costNanoUsd(model, inputTokens, outputTokens);
}

function fullest(budgets: readonly TortureBudget[], spentOf: (budget: TortureBudget) => bigint): string {
  const shares = budgets.map((budget) => ({ name: budget.name, share: shareOf(budget, spentOf(budget)) }));
  const { name, share } = shares.toSorted((one, other) => other.share - one.share)[0]!;
  return `${(share * 100).toFixed(3)} % of ${name}`;
}

function shareOf({ limitNanoUsd }: TortureBudget, billed: bigint): number {
  return Number((billed * 100_000n) / limitNanoUsd) / 100_000;
}

/** Where nothing was spent, or no limit was met, nothing was shown. */
function endingsOf(outcomes: readonly Outcome[]): readonly Figure[] {
  const answered = outcomes.filter(({ status }) => status === 200).length;
  const refused = outcomes.filter(({ status }) => status === 429).length;
  return [
    atLeast('calls answered', answered, 1),
    atLeast('calls refused by a limit', refused, 1),
    told('calls that ended otherwise', outcomes.length - answered - refused),
  ];
}
