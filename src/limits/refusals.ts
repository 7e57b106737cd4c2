import { GatewayError } from '../core/errors.js';
import { formatUsd } from '../core/money.js';
import type { Refused } from './admission-store.js';
import { isBudget, limitOf, type RateBound, type ScopeKind } from './bounds.js';

const SPANS: Readonly<Record<number, string>> = { 60_000: 'minute', 3_600_000: 'hour' };
const WHO: Readonly<Record<ScopeKind, string>> = {
  key: 'This key',
  team: 'The team of this key',
  user: 'The end user of this call',
  tag: 'A tag of this call',
  everything: 'This gateway',
};
const RETRY_MS = 1_000;

/** The refusal of a call that does not fit: which limit, whose, how large, how much of it is used, and when it resets. */
export function toRefusal(refused: Refused): GatewayError {
  const { bound } = refused;
  if (isBudget(bound)) return budgetExhausted(refused);
  if (bound.kind === 'calls') return tooManyAtOnce(bound.scope, bound.limit);
  return bound.kind === 'tokens' ? tooManyTokens(bound, refused) : rateLimited(bound, refused.resetMs);
}

function rateLimited({ scope, limit, windowMs }: RateBound, resetMs: number | undefined): GatewayError {
  const calls = limit === 1 ? 'request' : 'requests';
  const message = `${WHO[scope]} has reached its limit of ${limit} ${calls} per ${perText(windowMs)}.`;
  return new GatewayError('rate_limited', `${message}${againText(resetMs)}`, retryAfter(resetMs));
}

function tooManyTokens({ scope, limit, windowMs }: RateBound, { used, needed, resetMs }: Refused): GatewayError {
  const per = perText(windowMs);
  const message =
    resetMs === Infinity
      ? `This call may take up to ${needed} tokens, which is more than the limit of ${limit} per ${per}. Send a shorter prompt or ask for fewer tokens.`
      : `${WHO[scope]} has used ${used} of its ${limit} tokens per ${per}, and this call may take up to ${needed}.${againText(resetMs)}`;
  return new GatewayError('rate_limited', message, retryAfter(resetMs));
}

/** When one of the others ends, nobody knows. */
function tooManyAtOnce(scope: ScopeKind, limit: number): GatewayError {
  const calls = limit === 1 ? 'call' : 'calls';
  const message = `${WHO[scope]} has reached its limit of ${limit} ${calls} at the same time. Try again when one of them has ended.`;
  return new GatewayError('rate_limited', message, { retryAfterMs: RETRY_MS });
}

function budgetExhausted({ bound, used, needed, resetMs }: Refused): GatewayError {
  const sums = `US$${formatUsd(used)} of its budget of US$${formatUsd(limitOf(bound))}`;
  const message = `${WHO[bound.scope]} has spent or reserved ${sums}, and this call may cost up to US$${formatUsd(needed)}.`;
  return new GatewayError('budget_exhausted', `${message}${againText(resetMs)}`, retryAfter(resetMs));
}

/** The refusal of a call under a budget while nobody can say what is left of it. */
export function budgetsUnknown(): GatewayError {
  const message = 'The budget that limits this call cannot be checked at the moment, so it was not sent. Try again soon.';
  return new GatewayError('service_unavailable', message, { retryAfterMs: RETRY_MS });
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
