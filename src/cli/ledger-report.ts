import { formatUsd } from '../core/money.js';
import type { ComparedCounters, CounterDifference } from '../limits/index.js';
import type { CellDifference, CellFindings, LedgerFindings, RowDifference, SumDifference } from '../usage/index.js';
import type { Report } from './report.js';

/** What Redis said, or why it could not be asked. */
export type CountersOutcome = ComparedCounters | { readonly reason: string };

interface Rebuilt {
  readonly isDryRun: boolean;
  readonly sums: readonly SumDifference[];
  readonly cells: CellFindings;
  /** undefined = no Redis is configured. */
  readonly before: CountersOutcome | undefined;
  /** After the counters were made anew; undefined = that was not needed. `waiting`: no gateway has done so yet. */
  readonly after?: CountersOutcome | 'waiting';
}

/** Exit code 0 = all agree, 1 = something differs, 3 = what was compared agrees, but not all could be. */
export function toVerifyReport(findings: LedgerFindings, counters: CountersOutcome | undefined): Report {
  const { sums, rows, cells, inDefault } = findings;
  const { same, reported, estimated, unpriced, cost, tier, price } = rows.by;
  const count =
    sums.differences.length + cells.total + cost + tier + price + (counters && 'differences' in counters ? counters.differences.length : 0);
  const text = [
    ...sums.differences.map(toSumText),
    ...rows.differences.map(toRowText),
    ...(rows.untold > 0 ? [`… and ${rows.untold} rows more.`] : []),
    ...toCellTexts(cells),
    ...toCounterTexts(counters),
    '',
    `Sums of budgets: ${sums.compared} compared with the rows, ${sums.differences.length} differ.${passedText(sums.passed)}`,
    `Rows: ${rows.total}, of which ${same + cost + tier + price} were compared with their prices, ${cost + tier + price} differ.`,
    `  Not compared: ${unpriced} that name no price, ${estimated} whose usage was estimated, ${reported} charged as their provider said.`,
    `  In the default partition, as no month was made for them: ${inDefault}.`,
    `Roll-ups: ${cells.months} months compared with the rows, ${cells.total} cells differ.`,
    countersText(counters),
    count === 0 ? 'No differences.' : `Differences: ${count}.`,
  ].join('\n');
  const json = {
    differences: count,
    budget_sums: { compared: sums.compared, not_compared: sums.passed, differences: sums.differences.map(toSumJson) },
    rows: {
      total: rows.total,
      compared: same + cost + tier + price,
      not_compared: { no_price: unpriced, estimated, charged_as_reported: reported },
      in_default_partition: inDefault,
      differences: rows.differences.map(toRowJson),
      differences_not_listed: rows.untold,
    },
    roll_ups: toCellsJson(cells),
    counters: toCountersJson(counters),
  };
  return { text: text.trimStart(), json, exitCode: count > 0 ? 1 : isComplete(counters) ? 0 : 3 };
}

/** Exit code 0 = done (or nothing to do), 1 = a dry run found something to do, 3 = Redis could not be asked, or still differs. */
export function toRebuildReport({ isDryRun, sums, cells, before, after }: Rebuilt): Report {
  const text = [
    ...sums.map(toSumText),
    ...toCellTexts(cells),
    ...toCounterTexts(before),
    `Sums of budgets: ${sums.length} ${isDryRun ? 'would be changed' : 'changed'}.`,
    `Roll-ups: ${cells.total} cells ${isDryRun ? 'would be changed' : 'changed'}.`,
    countersText(before),
    afterText(after),
  ];
  const json = {
    dry_run: isDryRun,
    changed_sums: sums.map(toSumJson),
    changed_roll_ups: toCellsJson(cells),
    counters: toCountersJson(before),
    counters_afterwards: after === 'waiting' ? after : toCountersJson(after),
  };
  const isOpenEnded = after === 'waiting' || !isComplete(before) || !isComplete(after) || hasDifferences(after);
  const isWanted = isDryRun && (sums.length + cells.total > 0 || hasDifferences(before));
  return { text: text.filter((line) => line !== '').join('\n'), json, exitCode: isWanted ? 1 : isOpenEnded ? 3 : 0 };
}

function hasDifferences(counters: CountersOutcome | undefined): boolean {
  return counters !== undefined && 'differences' in counters && counters.differences.length > 0;
}

function isComplete(counters: CountersOutcome | undefined): boolean {
  return counters === undefined || ('differences' in counters && counters.unsettled.length === 0);
}

function passedText(passed: number): string {
  return passed === 0 ? '' : ` Not compared: ${passed}, as they began before the oldest month that the ledger still has.`;
}

function countersText(counters: CountersOutcome | undefined): string {
  if (!counters) return 'Counters: no Redis is configured; a gateway alone keeps its own.';
  if ('reason' in counters) return `Counters: not compared. ${counters.reason}`;
  const { compared, differences, unsettled } = counters;
  const moving = unsettled.length === 0 ? '' : ` Not told, as calls came and went too fast: ${unsettled.join(', ')}.`;
  return `Counters in Redis: ${compared} compared with the sums, ${differences.length} differ.${moving}`;
}

function afterText(after: Rebuilt['after']): string {
  if (after === undefined) return '';
  if (after === 'waiting') return 'Counters: they begin anew, and are made from the sums as soon as a gateway runs.';
  return `They were made anew from the sums. ${countersText(after)}`;
}

function toCounterTexts(counters: CountersOutcome | undefined): readonly string[] {
  return counters && 'differences' in counters ? counters.differences.map(toCounterText) : [];
}

function toCountersJson(counters: CountersOutcome | undefined) {
  if (!counters) return null;
  if ('reason' in counters) return { not_compared: counters.reason };
  return { compared: counters.compared, unsettled: counters.unsettled, differences: counters.differences.map(toCounterJson) };
}

function toSumText({ budget, budgetId, bucketMs, byRows, kept }: SumDifference): string {
  const since = new Date(bucketMs).toISOString();
  return `sum: budget "${budget}" (${budgetId}) since ${since}: kept US$${formatUsd(kept)}, by its rows US$${formatUsd(byRows)}`;
}

function toSumJson({ budget, budgetId, bucketMs, byRows, kept }: SumDifference) {
  const since = new Date(bucketMs).toISOString();
  return { budget_id: budgetId, budget, since, kept_nano_usd: String(kept), by_rows_nano_usd: String(byRows) };
}

function toCellTexts({ differences, untold }: CellFindings): readonly string[] {
  return [...differences.map(toCellText), ...(untold > 0 ? [`… and ${untold} cells more.`] : [])];
}

function toCellText({ table, series, subject, at, value, sums }: CellDifference): string {
  const name = [series, subject, value].filter((part) => part !== '').join(' ');
  const wrong = sums.map((sum) => `${sum.name} kept ${sum.kept}, by its rows ${sum.byRows}`);
  return `cell: ${table} ${at.toISOString()} ${name}: ${wrong.join('; ')}`;
}

function toCellsJson({ months, total, differences, untold }: CellFindings) {
  return { months_compared: months, total, differences: differences.map(toCellJson), differences_not_listed: untold };
}

function toCellJson({ table, series, subject, at, value, sums }: CellDifference) {
  const wrong = sums.map(({ name, kept, byRows }) => [name, { kept: String(kept), by_rows: String(byRows) }] as const);
  return { table, series, subject, at: at.toISOString(), value, sums: Object.fromEntries(wrong) };
}

function toRowText({ admittedAt, callId, verdict, priceId, tierAbove, charged, expected }: RowDifference): string {
  const row = `row: call ${callId} of ${admittedAt.toISOString()}`;
  const tier = tierAbove === null ? 'the base price' : `the tier above ${tierAbove}`;
  if (verdict === 'price') return `${row}: charged US$${formatUsd(charged)} by the price ${priceId}, ${tier}, which there is not`;
  if (verdict === 'tier') return `${row}: charged by ${tier} of the price ${priceId}, which is not the one for so much input`;
  return `${row}: charged US$${formatUsd(charged)}, by the price ${priceId} US$${formatUsd(expected!)}`;
}

function toRowJson({ admittedAt, callId, verdict, priceId, tierAbove, serviceTier, charged, expected }: RowDifference) {
  return {
    kind: verdict,
    call_id: callId,
    admitted_at: admittedAt.toISOString(),
    price_id: priceId,
    tier_above: tierAbove,
    service_tier: serviceTier,
    charged_nano_usd: String(charged),
    expected_nano_usd: expected === undefined ? null : String(expected),
  };
}

function toCounterText({ budget, budgetId, what, found, expected: { least, most } }: CounterDifference): string {
  const due = least === most ? `US$${formatUsd(least)}` : `US$${formatUsd(least)} to ${formatUsd(most)}`;
  const source = what === 'spent' ? 'by the sums' : 'by the calls that are under way';
  return `counter: budget "${budget}" (${budgetId}): ${what} US$${formatUsd(found)}, ${source} ${due}`;
}

function toCounterJson({ budget, budgetId, counter, what, found, expected: { least, most } }: CounterDifference) {
  return {
    budget_id: budgetId,
    budget,
    counter,
    kind: what,
    found_nano_usd: String(found),
    expected_nano_usd: least === most ? String(least) : { least: String(least), most: String(most) },
  };
}
