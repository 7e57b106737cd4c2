import type { UpstreamHeaders } from '../core/provider.js';

/**
 * When a provider wants to be asked again, in milliseconds from now: `retry-after-ms`, else `retry-after` as seconds or HTTP date.
 * What nobody can read is as good as absent; a date that is past is now.
 */
export function retryAfterMs(headers: UpstreamHeaders, nowMs: number): number | undefined {
  const exact = amountOf(headers['retry-after-ms']);
  if (exact !== undefined) return Math.ceil(exact);
  const header = headers['retry-after'];
  const seconds = amountOf(header);
  if (seconds !== undefined) return Math.ceil(seconds * 1000);
  const date = typeof header === 'string' && HAS_LETTER.test(header) ? Date.parse(header) : NaN;
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

/** A number alone, even a negative one, is no date, though it could be read as a year. */
const HAS_LETTER = /[a-z]/i;
const AMOUNT = /^\d{1,12}(?:\.\d+)?$/;

function amountOf(header: UpstreamHeaders[string]): number | undefined {
  return typeof header === 'string' && AMOUNT.test(header.trim()) ? Number(header) : undefined;
}
