import type { ErrorKind, GatewayError } from '../../core/errors.js';
import { keptCode, keptStatus } from '../upstream-error.js';

interface WireRow {
  readonly status: number;
  readonly type: string;
  readonly code: string | null;
}

/** The one place where an OpenAI-shaped error gets its status. */
export const OPENAI_ERRORS: Readonly<Record<ErrorKind, WireRow>> = {
  invalid_request: { status: 400, type: 'invalid_request_error', code: null },
  unsupported_parameter: { status: 400, type: 'invalid_request_error', code: 'unsupported_parameter' },
  context_length_exceeded: { status: 400, type: 'invalid_request_error', code: 'context_length_exceeded' },
  content_policy: { status: 400, type: 'invalid_request_error', code: 'content_policy_violation' },
  unauthenticated: { status: 401, type: 'invalid_request_error', code: 'invalid_api_key' },
  forbidden: { status: 403, type: 'invalid_request_error', code: 'forbidden' },
  not_found: { status: 404, type: 'invalid_request_error', code: null },
  unknown_model: { status: 404, type: 'invalid_request_error', code: 'model_not_found' },
  method_not_allowed: { status: 405, type: 'invalid_request_error', code: null },
  conflict: { status: 409, type: 'invalid_request_error', code: 'conflict' },
  payload_too_large: { status: 413, type: 'invalid_request_error', code: null },
  unsupported_media_type: { status: 415, type: 'invalid_request_error', code: null },
  rate_limited: { status: 429, type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  budget_exhausted: { status: 429, type: 'insufficient_quota', code: 'insufficient_quota' },
  client_closed: { status: 499, type: 'invalid_request_error', code: null },
  internal: { status: 500, type: 'server_error', code: 'internal_error' },
  upstream_protocol: { status: 502, type: 'server_error', code: 'upstream_protocol' },
  upstream_unavailable: { status: 503, type: 'server_error', code: 'upstream_unavailable' },
  service_unavailable: { status: 503, type: 'server_error', code: 'service_unavailable' },
  upstream_timeout: { status: 504, type: 'server_error', code: 'upstream_timeout' },
  upstream_rate_limited: { status: 429, type: 'rate_limit_error', code: 'upstream_rate_limited' },
  upstream_rejected: { status: 400, type: 'invalid_request_error', code: null },
};

export interface WireError {
  readonly status: number;
  readonly body: string;
}

/** An error in OpenAI's words, all keys present. */
export function toOpenAiError(error: GatewayError, requestId: string): WireError {
  const row = OPENAI_ERRORS[error.kind];
  const { param } = error.details;
  return {
    status: keptStatus(error) ?? row.status,
    body: JSON.stringify({
      error: { message: error.message, type: row.type, code: keptCode(error) ?? row.code, param: param ?? null, request_id: requestId },
    }),
  };
}
