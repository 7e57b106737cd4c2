import type { AccountTrouble, ErrorKind, GatewayError } from '../../core/errors.js';
import type { UpstreamHeaders } from '../../core/provider.js';
import { retryAfterMs } from '../retry-after.js';
import { inOurWords, isModeration, kindOfStatus, MAX_TEXT, toRefusalError, troubleOfStatus } from '../upstream-error.js';

const OVERFLOW = /prompt is too long|exceeds? (?:the )?(?:model'?s )?(?:maximum )?context|context window|maximum context length/i;
/** Anthropic's words, and DeepSeek's, which speaks this dialect too. */
const CONTENT = /content filtering policy|usage polic(?:y|ies)|content[_ ]policy|content exists risk/i;
/** Anthropic reports an empty account, and one that has spent what its owner allows, as a bad request. */
const EXHAUSTED = /credit balance is too low|reached your (?:\w+ ){1,2}usage limits?/i;

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
  return toError(status, read(parsed(body)), `HTTP ${status}`, retryAfterMs(headers, nowMs));
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
  /** OpenRouter's own. */
  readonly metadata: unknown;
}

interface Meaning {
  readonly kind: ErrorKind;
  readonly account: AccountTrouble | undefined;
}

function toError(status: number, wire: WireError, where: string, retryAfter: number | undefined): GatewayError {
  const meaning = meaningOf(status, wire);
  const message = inOurWords(meaning.kind, status) ?? wire.message ?? `The provider refused the request with status ${status}.`;
  const cause = `${where} ${word(wire.code) || word(wire.type)}`.trim();
  return toRefusalError({ ...meaning, status, code: wire.code, retryAfterMs: retryAfter, cause }, message);
}

function meaningOf(status: number, wire: WireError): Meaning {
  const { message = '', metadata } = wire;
  const kind = kindOfStatus(status);
  if (status === 403 && isModeration(metadata, message)) return { kind: 'content_policy', account: undefined };
  if (status < 500 && EXHAUSTED.test(message)) return { kind, account: 'exhausted' };
  const account = troubleOfStatus(status);
  return { kind: kind === 'upstream_rejected' && account === undefined ? kindOfRejection(status, wire) : kind, account };
}

function kindOfRejection(status: number, { message = '', type }: WireError): ErrorKind {
  if (OVERFLOW.test(message)) return 'context_length_exceeded';
  if (CONTENT.test(message)) return 'content_policy';
  return status === 404 && (/model/i.test(message) || type === 'model_not_found') ? 'unknown_model' : 'upstream_rejected';
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
  const { type, message, details, metadata } = error;
  return { type: text(type), message: text(message), code: text(objectOf(details)['error_code']), metadata };
}

function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value.slice(0, MAX_TEXT) : undefined;
}
