import type { ErrorKind, GatewayError } from '../../core/errors.js';
import { keptCode, keptStatus } from '../upstream-error.js';

interface WireRow {
  readonly status: number;
  readonly type: string;
  /** Told as `error.details.error_code`, where Anthropic's own clients look for it. */
  readonly code: string | null;
}

/** The one place where an Anthropic-shaped error gets its status. */
export const ANTHROPIC_ERRORS: Readonly<Record<ErrorKind, WireRow>> = {
  invalid_request: { status: 400, type: 'invalid_request_error', code: null },
  unsupported_parameter: { status: 400, type: 'invalid_request_error', code: 'unsupported_parameter' },
  context_length_exceeded: { status: 400, type: 'invalid_request_error', code: 'context_length_exceeded' },
  content_policy: { status: 400, type: 'invalid_request_error', code: 'content_policy_violation' },
  unauthenticated: { status: 401, type: 'authentication_error', code: null },
  forbidden: { status: 403, type: 'permission_error', code: null },
  not_found: { status: 404, type: 'not_found_error', code: null },
  unknown_model: { status: 404, type: 'not_found_error', code: 'model_not_found' },
  method_not_allowed: { status: 405, type: 'invalid_request_error', code: null },
  conflict: { status: 409, type: 'conflict_error', code: null },
  payload_too_large: { status: 413, type: 'request_too_large', code: null },
  unsupported_media_type: { status: 415, type: 'invalid_request_error', code: null },
  rate_limited: { status: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  budget_exhausted: { status: 429, type: 'rate_limit_error', code: 'insufficient_quota' },
  client_closed: { status: 499, type: 'invalid_request_error', code: null },
  internal: { status: 500, type: 'api_error', code: 'internal_error' },
  upstream_protocol: { status: 502, type: 'api_error', code: 'upstream_protocol' },
  upstream_unavailable: { status: 503, type: 'overloaded_error', code: 'upstream_unavailable' },
  service_unavailable: { status: 503, type: 'overloaded_error', code: 'service_unavailable' },
  upstream_timeout: { status: 504, type: 'timeout_error', code: 'upstream_timeout' },
  upstream_rate_limited: { status: 429, type: 'rate_limit_error', code: 'upstream_rate_limited' },
  upstream_rejected: { status: 400, type: 'invalid_request_error', code: null },
};

/** The types of the statuses that a provider's own refusal can keep. */
const TYPES: ReadonlyMap<number, string> = new Map([
  [404, 'not_found_error'],
  [409, 'conflict_error'],
  [413, 'request_too_large'],
]);
/** Anthropic's own clients go on without a thread when they are told that it cannot be had. */
const NO_THREAD = { error_code: 'thread_unsupported_request', unsupported: ['thread'] };

/** An error in Anthropic's words. */
export function toAnthropicError(error: GatewayError, requestId: string): { status: number; body: string } {
  const row = ANTHROPIC_ERRORS[error.kind];
  const status = keptStatus(error) ?? row.status;
  const details = detailsOf(error, row);
  const body = {
    type: 'error',
    error: { type: TYPES.get(status) ?? row.type, message: error.message, ...(details ? { details } : {}) },
    request_id: requestId,
  };
  return { status, body: JSON.stringify(body) };
}

/** The same as the last event of a stream. */
export function toAnthropicErrorFrame(error: GatewayError, requestId: string): string {
  return `event: error\ndata: ${toAnthropicError(error, requestId).body}\n\n`;
}

function detailsOf(error: GatewayError, row: WireRow): Record<string, unknown> | undefined {
  const { param } = error.details;
  if (error.kind === 'unsupported_parameter' && param === 'thread') return NO_THREAD;
  const errorCode = keptCode(error) ?? row.code;
  if (errorCode === null && param === undefined) return undefined;
  return { ...(errorCode === null ? {} : { error_code: errorCode }), ...(param === undefined ? {} : { param }) };
}
