import type { UpstreamHeaders } from '../core/provider.js';

/** When a provider wants to be asked again, in milliseconds from now: `retry-after-ms`, else `retry-after` as seconds or HTTP date. */
export function retryAfterMs(headers: UpstreamHeaders, nowMs: number): number | undefined {
  const exact = Number(headers['retry-after-ms']);
  if (headers['retry-after-ms'] !== undefined && exact >= 0) return Math.ceil(exact);
  const header = headers['retry-after'];
  if (typeof header !== 'string') return undefined;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return seconds >= 0 ? Math.ceil(seconds * 1000) : undefined;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}
