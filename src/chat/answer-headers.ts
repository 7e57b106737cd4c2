import { formatUsd } from '../core/money.js';
import type { Hold } from '../limits/index.js';
import type { Config } from '../platform/index.js';
import { chargeFor } from './call-charge.js';
import type { LiveCall } from './live-call.js';

/** The headers of an answer, names and values in turn. `body` is the whole answer where it is a plain one. */
export function answerHeaders(live: LiveCall, body: Buffer | undefined, billing: Config['billing']): string[] {
  const headers = body
    ? ['content-type', 'application/json; charset=utf-8', 'content-length', String(body.length), ...idHeaders(live)]
    : streamHeaders(live);
  headers.push(
    'x-tollgate-provider',
    live.target!.provider.name,
    'x-tollgate-model',
    asHeader(live.target!.model),
    'x-tollgate-cache',
    live.cached,
    'x-tollgate-attempts',
    String(live.attempts.length + 1),
    'x-tollgate-overhead-ms',
    live.overheadMs.toFixed(3),
  );
  const cost = body ? costText(live, billing) : undefined;
  if (cost !== undefined) headers.push('x-tollgate-cost-usd', cost);
  if (live.clampedTo !== undefined) headers.push('x-tollgate-clamped', `max_tokens=${live.clampedTo}`);
  if (live.dropped.length > 0) headers.push('x-tollgate-dropped', asList(live.dropped));
  pushRateLimits(headers, live.hold);
  return headers;
}

/** The headers of a stream that begins before anybody knows who will answer. */
export function streamHeaders(live: LiveCall): string[] {
  return ['content-type', 'text/event-stream; charset=utf-8', 'cache-control', 'no-cache', 'x-accel-buffering', 'no', ...idHeaders(live)];
}

/** Anthropic's clients know the id of a request by another name. */
function idHeaders({ call }: LiveCall): string[] {
  const headers = ['x-request-id', call.requestId];
  return call.request.dialect === 'anthropic-messages' ? [...headers, 'request-id', call.requestId] : headers;
}

/** The figures of the rates nearest to binding, in OpenAI's format. */
function pushRateLimits(headers: string[], hold: Hold | undefined): void {
  if (hold?.requests) pushRateLimit(headers, 'requests', hold.requests);
  if (hold?.tokens) pushRateLimit(headers, 'tokens', hold.tokens);
}

function pushRateLimit(headers: string[], of: 'requests' | 'tokens', { limit, remaining, resetMs }: NonNullable<Hold['requests']>): void {
  headers.push(
    `x-ratelimit-limit-${of}`,
    String(limit),
    `x-ratelimit-remaining-${of}`,
    String(remaining),
    `x-ratelimit-reset-${of}`,
    spanText(resetMs),
  );
}

/** A span as OpenAI writes it: `12ms`, `1.5s`, `6m0s`. */
function spanText(ms: number): string {
  if (ms < 1000) return `${Math.ceil(ms)}ms`;
  const seconds = Math.ceil(ms / 1000);
  if (seconds < 60) return `${seconds}s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes}m${seconds % 60}s` : `${Math.floor(minutes / 60)}h${minutes % 60}m${seconds % 60}s`;
}

/** Undefined where nobody knows: an unknown price is not zero. */
function costText(live: LiveCall, billing: Config['billing']): string | undefined {
  const usage = live.reading?.usage;
  const charge = usage && chargeFor(live, { usage }, billing);
  return charge && (live.target?.priced || charge.isProviders) ? formatUsd(charge.costNanoUsd) : undefined;
}

const MAX_DROPPED_CHARS = 2_000;

/** Whole fields only; where a long history would make too long a header, the last entry says how many more there are. */
function asList(fields: readonly string[]): string {
  const distinct = [...new Set(fields)].map(asHeader);
  let shown = 0;
  for (let length = 0; shown < distinct.length; shown++) {
    length += distinct[shown]!.length + 2;
    if (length > MAX_DROPPED_CHARS) break;
  }
  const more = distinct.length - shown;
  return more === 0 ? distinct.join(', ') : `${distinct.slice(0, shown).join(', ')}, and ${more} more`;
}

/** A model's name comes from a request: what no header can carry is left out. */
function asHeader(text: string): string {
  return text.replace(/[^\x20-\x7e]/g, '?').slice(0, 256);
}
