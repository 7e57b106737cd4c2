import { type Rate, RATE_NAMES } from '../core/price.js';
import { isCompared, isUnread, type ListComparison, type ModelChange, type RateChange, type SyncOutcome } from '../usage/index.js';
import type { Report } from './report.js';
import { toTable } from './table.js';

/** Pico-dollars for a token are micro-dollars for a million of them; a fee for a call is in pico-dollars itself. */
const DIGITS = { token: 6, call: 12 };
const HEADINGS = ['PROVIDER', 'MODEL', 'PRICE', 'OLD', 'NEW', ''];

/** What differs, and whether it holds now. Exit code 1 = a list could not be read. */
export function toSyncReport(outcomes: readonly SyncOutcome[], isApplied: boolean): Report {
  const compared = outcomes.filter(isCompared);
  const changes = compared.flatMap((comparison) => comparison.changes);
  const table = changes.length === 0 ? [] : [toTable(HEADINGS, changes.flatMap(toRows)), '', UNITS, ''];
  const ending = changes.length === 0 ? [] : [isApplied ? 'They hold from now on.' : 'Nothing was changed. With --apply they hold.'];
  const text = [...table, ...outcomes.flatMap(toSummary), ...ending].join('\n');
  const exitCode = compared.length < outcomes.length ? 1 : 0;
  return { text, json: { applied: isApplied, providers: outcomes.map(toJson) }, exitCode };
}

const UNITS = 'US dollars for a million tokens; `request`: for each call.';

function toRows({ provider, model, kind, changes, isSteep }: ModelChange): readonly (readonly string[])[] {
  const remark = [...(kind === 'new' ? ['new'] : []), ...(isSteep ? ['more than tenfold'] : [])].join(', ');
  return changes.map(({ rate, old, new: now }) => [provider, model, RATE_NAMES[rate], toUsd(rate, old), toUsd(rate, now), remark]);
}

function toSummary(outcome: SyncOutcome): readonly string[] {
  if (isUnread(outcome)) return [`${outcome.provider}: its list could not be read. ${outcome.problem}`];
  const { provider, listed, changes, unchanged, gone, skipped, roundedUp } = outcome;
  const fresh = changes.filter(({ kind }) => kind === 'new').length;
  const counts = [
    `${listed} models listed`,
    `${changes.length - fresh} changed`,
    `${fresh} new`,
    `${unchanged} as before`,
    `${gone.length} gone`,
    `${skipped.length} skipped`,
  ];
  return [
    `${provider}: ${counts.join(', ')}.`,
    ...gone.map((model) => `  ${model} is gone from the list, and keeps its price`),
    ...skipped.map(({ model, reason }) => `  ${model} ${reason}: skipped`),
    ...(roundedUp.length > 0 ? [`  finer than a pico-dollar, raised to the next: ${roundedUp.join(', ')}`] : []),
  ];
}

function toJson(outcome: SyncOutcome) {
  if (isUnread(outcome)) return { provider: outcome.provider, error: { message: outcome.problem } };
  const { provider, listed, changes, unchanged, gone, skipped, roundedUp }: ListComparison = outcome;
  return {
    provider,
    listed,
    changes: changes.map(({ model, kind, isSteep, changes: rates }) => ({ model, kind, steep: isSteep, rates: rates.map(toRateJson) })),
    unchanged,
    gone,
    skipped,
    rounded_up: roundedUp,
  };
}

/** Whole pico-dollars for a token, or for the call; null = it is not named. */
function toRateJson({ rate, old, new: now }: RateChange) {
  return { rate: RATE_NAMES[rate], old_pico_usd: textOrNull(old), new_pico_usd: textOrNull(now) };
}

function textOrNull(pico: bigint | undefined): string | null {
  return pico === undefined ? null : String(pico);
}

function toUsd(rate: Rate, pico: bigint | undefined): string {
  if (pico === undefined) return '-';
  const digits = rate === 'request' ? DIGITS.call : DIGITS.token;
  const text = String(pico).padStart(digits + 1, '0');
  const fraction = text.slice(-digits).replace(/0+$/, '');
  return text.slice(0, -digits) + (fraction === '' ? '' : `.${fraction}`);
}
