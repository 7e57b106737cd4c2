import { GatewayError } from '../core/errors.js';
import { formatUsd } from '../core/money.js';
import type { Amounts, Refused } from './admission-store.js';
import { type Bound, type BudgetBound, type CallsBound, isBudget, nameOfBound, type RateBound, type ScopeKind } from './bounds.js';

const SPANS: Readonly<Record<number, string>> = { 60_000: 'minute', 3_600_000: 'hour' };
/** Whose a budget is: of people and teams it knows no more than the kind, as its own name stands before. */
const OF_WHOM: Readonly<Record<ScopeKind, string>> = {
  key: 'this key',
  team: 'the team of this key',
  user: 'the end user of this call',
  tag: 'a tag of this call',
  everything: 'all calls',
};
const RETRY_MS = 1_000;

/**
 * The refusal of a call that does not fit: which limit, whose, how large, how much of it is used, and when it resets.
 * `worst` is what the call would be held at if there were room: where less would have done, the text says so.
 */
export function toRefusal(refused: Refused, worst: Amounts): GatewayError {
  const { kind, message, details } = refusalOf(refused, worst);
  return new GatewayError(kind, message, { ...details, limit: nameOfBound(refused.bound) });
}

function refusalOf(refused: Refused, worst: Amounts): GatewayError {
  const { bound } = refused;
  if (isBudget(bound)) return budgetExhausted(bound, refused, refused.needed < worst.costNanoUsd);
  if (bound.kind === 'calls') return tooManyAtOnce(bound);
  return bound.kind === 'tokens' ? tooManyTokens(bound, refused) : rateLimited(bound, refused.resetMs);
}

function rateLimited(bound: RateBound, resetMs: number | undefined): GatewayError {
  const calls = bound.limit === 1 ? 'request' : 'requests';
  const message = `${begin(whose(bound))} has reached its limit of ${bound.limit} ${calls} per ${perText(bound.windowMs)}.`;
  return new GatewayError('rate_limited', `${message}${againText(resetMs)}`, retryAfter(resetMs));
}

function tooManyTokens(bound: RateBound, { used, needed, resetMs }: Refused): GatewayError {
  const per = perText(bound.windowMs);
  const message =
    resetMs === Infinity
      ? `This call may take up to ${needed} tokens, which is more than the limit of ${bound.limit} per ${per} that ${whose(bound)} has. Send a shorter prompt or ask for fewer tokens.`
      : `${begin(whose(bound))} has used ${used} of its ${bound.limit} tokens per ${per}, and this call may take up to ${needed}.${againText(resetMs)}`;
  return new GatewayError('rate_limited', message, retryAfter(resetMs));
}

/** When one of the others ends, nobody knows. */
function tooManyAtOnce(bound: CallsBound): GatewayError {
  const calls = bound.limit === 1 ? 'call' : 'calls';
  const message = `${begin(whose(bound))} has reached its limit of ${bound.limit} ${calls} at the same time. Try again when one of them has ended.`;
  return new GatewayError('rate_limited', message, { retryAfterMs: RETRY_MS });
}

function budgetExhausted(bound: BudgetBound, refused: Refused, isCut: boolean): GatewayError {
  const { used, needed, resetMs } = refused;
  const budget = `budget \`${bound.subject}\` (${OF_WHOM[bound.scope]})`;
  const [limit, need] = [bound.limitNanoUsd, needed].map((sum) => `US$${formatUsd(sum)}`);
  const costs = isCut ? `costs at least ${need}, however short its answer` : `may cost up to ${need}`;
  const message =
    needed > bound.limitNanoUsd
      ? `This call ${costs}, which is more than all of the ${budget}: ${limit}. ${shorterText(isCut)}.`
      : `The ${budget} has US$${formatUsd(used)} of ${limit} spent or reserved, and this call ${costs}.${laterText(bound, refused, isCut)}`;
  return new GatewayError('budget_exhausted', message, retryAfter(resetMs));
}

/** What to do where the budget is large enough, but too much of it is used. */
function laterText(bound: BudgetBound, { used, resetMs }: Refused, isCut: boolean): string {
  const shorter = used < bound.limitNanoUsd ? ` ${shorterText(isCut)}, which may fit.` : '';
  if (resetMs !== Infinity) return `${shorter}${againText(resetMs)}`;
  return `${shorter} This budget never resets by itself; whoever manages it can raise or reset it.`;
}

/** An answer that was cut already cannot be made any shorter. */
function shorterText(isCut: boolean): string {
  return isCut ? 'Send a shorter prompt' : 'Send a shorter prompt or a smaller `max_tokens`';
}

function whose({ scope, subject }: Bound): string {
  switch (scope) {
    case 'key':
      return 'this key';
    case 'team':
      return `the team \`${subject}\``;
    case 'user':
      return `the end user \`${subject}\``;
    case 'tag':
      return `the tag \`${subject}\``;
    case 'everything':
      return 'this gateway';
  }
}

function begin(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

/** The refusal of a call under a budget while nobody can say what is left of it. */
export function budgetsUnknown(): GatewayError {
  const message = 'The budget that limits this call cannot be checked at the moment, so it was not sent. Try again soon.';
  return new GatewayError('service_unavailable', message, { retryAfterMs: RETRY_MS });
}

/** Told where somebody asks how limits stand and the store does not answer. */
export function limitsUnknown(cause: unknown): GatewayError {
  const message = 'How the limits stand cannot be told at the moment. Try again soon.';
  return new GatewayError('service_unavailable', message, { retryAfterMs: RETRY_MS, cause });
}

/** The store and this process do not agree on what time it is or on what this call is. */
export function outOfStep(): GatewayError {
  return new GatewayError('service_unavailable', 'This call could not be admitted, and nothing was sent. Try it again.', {
    retryAfterMs: RETRY_MS,
  });
}

/** The refusal of a request to a throttled route. */
export function tooManyRequests(limit: number, resetMs: number): GatewayError {
  const message = `Too many requests: the administration takes ${limit} per minute from one key or address. Try again in ${toSpanText(resetMs)}.`;
  return new GatewayError('rate_limited', message, retryAfter(resetMs));
}

/** A span for people, rounded up so that waiting for it is enough: `1 s`, `4 min 10 s`, `3 h 5 min`, `12 d 4 h`. */
export function toSpanText(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  if (seconds <= 7_200) return inUnits(seconds, [60, 'min'], 's');
  const minutes = Math.ceil(seconds / 60);
  if (minutes <= 2_880) return inUnits(minutes, [60, 'h'], 'min');
  return inUnits(Math.ceil(minutes / 60), [24, 'd'], 'h');
}

function inUnits(amount: number, [size, large]: readonly [number, string], small: string): string {
  const rest = amount % size;
  return rest === 0 ? `${amount / size} ${large}` : `${Math.floor(amount / size)} ${large} ${rest} ${small}`;
}

function perText(windowMs: number): string {
  return SPANS[windowMs] ?? toSpanText(windowMs);
}

function againText(resetMs: number | undefined): string {
  return resetMs === undefined || resetMs === Infinity ? '' : ` Try again in ${toSpanText(resetMs)}.`;
}

function retryAfter(resetMs: number | undefined): { readonly retryAfterMs?: number } {
  return resetMs === undefined || resetMs === Infinity ? {} : { retryAfterMs: Math.ceil(resetMs) };
}
