import { formatUsd } from '../../core/money.js';
import { BUDGET_PERIODS, BUDGET_SCOPES } from './budget.js';

/** Says what a value must be, as it goes on after the name of the field; undefined = it is. */
type Rule = (value: unknown) => string | undefined;

const MOST_NANO_USD = 9_000_000n * 1_000_000_000n;
const NANO_DIGITS = 9;
/** A JSON number holds all of so many. */
const NUMBER_DIGITS = 15;
const AMOUNT = /^(\d{1,20})(?:\.(\d{1,40}))?$/;
const MOST_THRESHOLDS = 10;
const SHORTEST_WINDOW_SECONDS = 3_600;
const LONGEST_WINDOW_SECONDS = 366 * 86_400;
const LONGEST_SUBJECT = 512;
/** Control characters, and halves of characters: neither can be stored. */
const UNFIT = /[\p{Cc}\p{Cs}]/u;

/** What administrators may decide about a budget, the same wherever they decide it. */
export const BUDGET_RULES = {
  scope: toRule((value) => (BUDGET_SCOPES as readonly unknown[]).includes(value), `must be one of ${BUDGET_SCOPES.join(', ')}`),
  period: toRule((value) => (BUDGET_PERIODS as readonly unknown[]).includes(value), `must be one of ${BUDGET_PERIODS.join(', ')}`),
  subject: toRule(isSubject, `must be 1 to ${LONGEST_SUBJECT} characters on one line`),
  limitUsd: limitFault,
  windowSeconds: toRule(
    isWindow,
    `must be a whole number of seconds from ${SHORTEST_WINDOW_SECONDS}, an hour, to ${LONGEST_WINDOW_SECONDS}, 366 days`,
  ),
  timeZone: toRule(isTimeZone, 'must be the IANA name of a time zone, such as Europe/Berlin or UTC'),
  thresholds: toRule(areThresholds, `must be a list of up to ${MOST_THRESHOLDS} different percentages, whole numbers from 1 to 100`),
} satisfies Record<string, Rule>;

/** Nano-dollars of an amount that `BUDGET_RULES.limitUsd` lets pass. */
export function toNanoUsd(amount: string | number): bigint {
  const [, whole, fraction] = AMOUNT.exec(digitsOf(amount))!;
  return BigInt(whole! + (fraction ?? '').replace(/0+$/, '').padEnd(NANO_DIGITS, '0'));
}

function limitFault(value: unknown): string | undefined {
  const matched = typeof value === 'string' || typeof value === 'number' ? AMOUNT.exec(digitsOf(value)) : null;
  if (!matched) return 'must be an amount in US dollars such as 25 or "0.50", and not below 0';
  const [digits, , fraction = ''] = matched;
  if (fraction.replace(/0+$/, '').length > NANO_DIGITS) return 'must not be finer than a nano-dollar, which is nine digits after the point';
  if (typeof value === 'number' && digits.replace(/^[0.]+|\./g, '').length > NUMBER_DIGITS)
    return `must be text, such as "${digits}": a JSON number does not hold so many digits`;
  if (toNanoUsd(value as string | number) <= MOST_NANO_USD) return undefined;
  return `must be at most US$${formatUsd(MOST_NANO_USD)}: larger sums could not be counted to the nano-dollar`;
}

/** JavaScript writes the smallest numbers with an exponent. */
function digitsOf(amount: string | number): string {
  if (typeof amount === 'string') return amount;
  const [, first, rest = '', exponent] = /^(\d)(?:\.(\d+))?e-(\d+)$/.exec(String(amount)) ?? [];
  return first === undefined ? String(amount) : `0.${'0'.repeat(Number(exponent) - 1)}${first}${rest}`;
}

function toRule(holds: (value: unknown) => boolean, text: string): Rule {
  return (value) => (holds(value) ? undefined : text);
}

function isSubject(value: unknown): boolean {
  return typeof value === 'string' && value.length > 0 && value.length <= LONGEST_SUBJECT && !UNFIT.test(value);
}

function isWindow(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= SHORTEST_WINDOW_SECONDS && (value as number) <= LONGEST_WINDOW_SECONDS;
}

function isTimeZone(value: unknown): boolean {
  // Newer runtimes take offsets for names.
  if (typeof value !== 'string' || !/^[A-Za-z]/.test(value)) return false;
  try {
    new Intl.DateTimeFormat('en-US', { timeZone: value }).format(0);
    return true;
  } catch {
    return false;
  }
}

function areThresholds(value: unknown): boolean {
  if (!Array.isArray(value) || value.length > MOST_THRESHOLDS || new Set(value).size !== value.length) return false;
  return value.every((percent) => Number.isInteger(percent) && (percent as number) >= 1 && (percent as number) <= 100);
}
