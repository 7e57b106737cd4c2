import { GatewayError } from '../core/errors.js';

const SPANS: Readonly<Record<number, string>> = { 60_000: 'minute', 3_600_000: 'hour' };

/** The refusal of a call whose rate window is full. */
export function rateLimited(limit: number, windowMs: number, resetMs: number): GatewayError {
  const per = SPANS[windowMs] ?? toSpanText(windowMs);
  const calls = limit === 1 ? 'request' : 'requests';
  const message = `This key has reached its limit of ${limit} ${calls} per ${per}. Try again in ${toSpanText(resetMs)}.`;
  return new GatewayError('rate_limited', message, { retryAfterMs: Math.ceil(resetMs) });
}

/** The refusal of a call that would be one too many at the same time. When one of the others ends, nobody knows. */
export function tooManyAtOnce(limit: number): GatewayError {
  const calls = limit === 1 ? 'call' : 'calls';
  const message = `This key has reached its limit of ${limit} ${calls} at the same time. Try again when one of them has ended.`;
  return new GatewayError('rate_limited', message, { retryAfterMs: 1_000 });
}

/** The refusal of a request to a throttled route. */
export function tooManyRequests(limit: number, resetMs: number): GatewayError {
  const message = `Too many requests: the administration takes ${limit} per minute from one key or address. Try again in ${toSpanText(resetMs)}.`;
  return new GatewayError('rate_limited', message, { retryAfterMs: Math.ceil(resetMs) });
}

/** A span for people, rounded up so that waiting for it is enough: `1 s`, `4 min 10 s`. */
export function toSpanText(ms: number): string {
  const seconds = Math.max(1, Math.ceil(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
}
