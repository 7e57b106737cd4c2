import { type ErrorKind, GatewayError } from '../../core/errors.js';
import type { UpstreamHeaders } from '../../core/provider.js';
import { retryAfterMs } from '../retry-after.js';

/** Provider texts go to callers and logs cut to this many characters. */
const MAX_TEXT = 2_000;
const OVERFLOW = /prompt is too long|exceeds? (?:the )?(?:model'?s )?(?:maximum )?context|context window|maximum context length/i;
const CONTENT_POLICY = /content filtering policy|usage polic(?:y|ies)|content[_ ]policy/i;
/** Anthropic reports an empty account as a bad request. */
const NO_CREDIT = /credit balance is too low/i;

/** The statuses of errors that come without one, inside an answer. */
const STATUSES: ReadonlyMap<string, number> = new Map([
  ['invalid_request_error', 400],
  ['authentication_error', 401],
  ['billing_error', 402],
  ['permission_error', 403],
  ['not_found_error', 404],
  ['conflict_error', 409],
  ['request_too_large', 413],
  ['rate_limit_error', 429],
  ['api_error', 500],
  ['timeout_error', 504],
  ['overloaded_error', 529],
]);

/** What a provider's refusal means, in our words. `body` is what came of its body; it need not be JSON. */
export function toUpstreamError(status: number, headers: UpstreamHeaders, body: Buffer, nowMs: number): GatewayError {
  const wire = read(parsed(body));
  return toError(status, wire, `HTTP ${status}`, retryAfterMs(headers, nowMs));
}

/** The `error` of an event, or of a body with status 200. */
export function toErrorOfAnswer(answer: unknown): GatewayError {
  const wire = read(answer);
  const status = STATUSES.get(wire.type ?? '') ?? 502;
  return toError(status, wire, `error ${status} in the answer`, undefined);
}

interface WireError {
  readonly type: string | undefined;
  readonly message: string | undefined;
  readonly code: string | undefined;
}

function toError(status: number, wire: WireError, where: string, retryAfter: number | undefined): GatewayError {
  const cause = `${where} ${word(wire.code) || word(wire.type)}`.trim();
  if (isOurAccount(status, wire)) {
    return new GatewayError('upstream_unavailable', "The provider refused the gateway's own credentials. Ask the operator to check them.", {
      cause,
    });
  }
  const kind = kindOf(status, wire);
  const details = { status, code: codeOf(wire), retryAfterMs: retryAfter, cause };
  return new GatewayError(kind, messageOf(kind, status, wire), details);
}

function messageOf(kind: ErrorKind, status: number, { message }: WireError): string {
  if (kind === 'upstream_unavailable') return `The provider failed with status ${status}. Try again later.`;
  if (kind === 'upstream_timeout') return `The provider timed out with status ${status}. Try again later.`;
  return message ?? `The provider refused the request with status ${status}.`;
}

function kindOf(status: number, { message = '', type }: WireError): ErrorKind {
  if (status === 408 || status === 504) return 'upstream_timeout';
  if (status >= 500) return 'upstream_unavailable';
  if (status === 429) return 'upstream_rate_limited';
  if (status === 413) return 'payload_too_large';
  if (OVERFLOW.test(message)) return 'context_length_exceeded';
  if (status === 404 && (/model/i.test(message) || type === 'model_not_found')) return 'unknown_model';
  return status >= 400 ? 'upstream_rejected' : 'upstream_protocol';
}

/** 401, 402, 403 and an empty account speak of the operator, never of the caller. */
function isOurAccount(status: number, { message = '' }: WireError): boolean {
  return status === 401 || status === 402 || status === 403 || (status === 400 && NO_CREDIT.test(message));
}

function codeOf({ code, message = '' }: WireError): string | undefined {
  return code ?? (CONTENT_POLICY.test(message) ? 'content_policy_violation' : undefined);
}

/** What may stand in the log and the ledger: a word, never a text, which may repeat a key or a prompt. */
function word(said: string | undefined): string {
  return said !== undefined && /^[A-Za-z0-9_.-]{1,64}$/.test(said) ? said : '';
}

function parsed(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    // HTML, plain text or nothing: none of it is fit for a caller.
    return undefined;
  }
}

function read(answer: unknown): WireError {
  const error = objectOf(objectOf(answer)['error'] ?? answer);
  const { type, message, details } = error;
  return { type: text(type), message: text(message), code: text(objectOf(details)['error_code']) };
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, MAX_TEXT) : undefined;
}
