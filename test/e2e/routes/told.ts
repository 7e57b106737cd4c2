import type { ErrorKind } from '../../../src/core/errors.js';

/** What the client is told and what the ledger says. */
export interface Told {
  readonly status: number;
  /** The error's type, by the family of the client's dialect. */
  readonly type: { readonly openai: string; readonly anthropic: string };
  readonly code: string | null;
  readonly kind: ErrorKind;
  readonly ending: 'failed' | 'timed_out' | 'upstream_cut';
  /** The headers `retry-after` and `retry-after-ms`, which are absent otherwise. */
  readonly retryAfterMs?: number;
  /** The provider named a date, so that some of the time has passed. */
  readonly isDated?: true;
  /** It is about the request: no other target is asked. */
  readonly isFinal?: true;
}

const REQUEST = 'invalid_request_error';

export const UNAVAILABLE: Told = {
  status: 503,
  type: { openai: 'server_error', anthropic: 'overloaded_error' },
  code: 'upstream_unavailable',
  kind: 'upstream_unavailable',
  ending: 'failed',
};

export const UNREADABLE: Told = {
  status: 502,
  type: { openai: 'server_error', anthropic: 'api_error' },
  code: 'upstream_protocol',
  kind: 'upstream_protocol',
  ending: 'failed',
};

export const CUT: Told = { ...UNREADABLE, ending: 'upstream_cut' };

export const TIMED_OUT: Told = {
  status: 504,
  type: { openai: 'server_error', anthropic: 'timeout_error' },
  code: 'upstream_timeout',
  kind: 'upstream_timeout',
  ending: 'timed_out',
};

export const LIMITED: Told = {
  status: 429,
  type: { openai: 'rate_limit_error', anthropic: 'rate_limit_error' },
  code: 'upstream_rate_limited',
  kind: 'upstream_rate_limited',
  ending: 'failed',
};

export const EXHAUSTED: Told = { ...LIMITED, code: 'insufficient_quota' };

export const NO_MODEL: Told = {
  status: 404,
  type: { openai: REQUEST, anthropic: 'not_found_error' },
  code: 'model_not_found',
  kind: 'unknown_model',
  ending: 'failed',
  isFinal: true,
};

export const TOO_LONG: Told = {
  status: 400,
  type: { openai: REQUEST, anthropic: REQUEST },
  code: 'context_length_exceeded',
  kind: 'context_length_exceeded',
  ending: 'failed',
  isFinal: true,
};

const ANTHROPIC_TYPES: Readonly<Record<number, string>> = { 404: 'not_found_error', 409: 'conflict_error' };

/** The provider's own refusal of the request, with its status and code. */
export function rejected(status: number, code: string | null): Told {
  const type = { openai: REQUEST, anthropic: ANTHROPIC_TYPES[status] ?? REQUEST };
  return { status, type, code, kind: 'upstream_rejected', ending: 'failed', isFinal: true };
}
