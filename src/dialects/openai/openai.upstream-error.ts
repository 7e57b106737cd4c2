import type { AccountTrouble, ErrorKind, GatewayError } from '../../core/errors.js';
import type { UpstreamHeaders } from '../../core/provider.js';
import { retryAfterMs } from '../retry-after.js';
import { inOurWords, isModeration, kindOfStatus, MAX_TEXT, toRefusalError, troubleOfStatus } from '../upstream-error.js';

const OVERFLOW = /context_length_exceeded|maximum context length|prompt is too long|exceeds? the (?:maximum )?context (?:length|window)/i;
/** What OpenAI, Azure and Alibaba's servers have for a refusal of the content, as a code or a type. */
const CONTENT_CODE = /^(?:(?:image_)?content_policy_violation|content_filter|moderation_blocked|data_inspection_failed)$/;
/** And in words: OpenAI's (whose code `invalid_prompt` means other things too), Azure's, DeepSeek's. */
const CONTENT = /flagged as potentially violating|safety system|content management policy|content exists risk/i;
/** Not a limit that passes by itself. The text of the first is no sign: others send it for any limit. */
const EXHAUSTED_CODE = /^(?:insufficient_quota|billing_not_active|billing_hard_limit_reached)$/;
/** OpenRouter says so with 403 of a key that has spent what it may, Ollama's cloud with 429 of an account. */
const EXHAUSTED = /\bkey limit exceeded\b|\breached your \w+ usage limit\b/i;

/** What a provider's refusal means, in our words. `body` is what came of its body; it need not be JSON. */
export function toUpstreamError(status: number, headers: UpstreamHeaders, body: Buffer, nowMs: number): GatewayError {
  const wire = readError(body);
  const meaning = meaningOf(status, wire);
  const ours = inOurWords(meaning.kind, status);
  const details = { code: ownCode(wire), retryAfterMs: retryAfterMs(headers, nowMs), cause: `HTTP ${status} ${codeOf(wire)}`.trim() };
  return toRefusalError(
    { ...meaning, status, ...details, ...(ours === undefined && { param: wire.param }) },
    ours ?? wire.message ?? `The provider refused the request with status ${status}.`,
  );
}

/** An error that stands inside an answer with status 200, as the first event or in the middle of a stream. */
export function toErrorOfAnswer(answer: unknown): GatewayError {
  const wire = read(answer);
  const status = statusOf(wire);
  const details = { code: ownCode(wire), param: wire.param, cause: `error ${status} in the answer ${codeOf(wire)}`.trim() };
  return toRefusalError({ ...meaningOf(status, wire), status, ...details }, wire.message ?? 'The provider reported an error.');
}

interface WireError {
  readonly message: string | undefined;
  readonly code: string | undefined;
  readonly type: string | undefined;
  readonly param: string | undefined;
  /** OpenRouter's own. */
  readonly metadata: unknown;
}

interface Meaning {
  readonly kind: ErrorKind;
  readonly account: AccountTrouble | undefined;
}

function meaningOf(status: number, wire: WireError): Meaning {
  if (isOfContent(status, wire)) return { kind: 'content_policy', account: undefined };
  const kind = kindOf(status, wire);
  return { kind, account: status < 500 && isExhausted(wire) ? 'exhausted' : troubleOfStatus(status) };
}

/** What is said of an account may name a policy, too: there only a mark counts. */
function isOfContent(status: number, wire: WireError): boolean {
  if (hasCode(wire, CONTENT_CODE)) return true;
  if (status === 403) return isModeration(wire.metadata, wire.message);
  return kindOfStatus(status) === 'upstream_rejected' && troubleOfStatus(status) === undefined && CONTENT.test(wire.message ?? '');
}

function isExhausted(wire: WireError): boolean {
  return hasCode(wire, EXHAUSTED_CODE) || EXHAUSTED.test(wire.message ?? '');
}

function kindOf(status: number, { code = '', message = '' }: WireError): ErrorKind {
  const kind = kindOfStatus(status);
  if (kind !== 'upstream_rejected') return kind;
  if (OVERFLOW.test(`${code} ${message}`)) return 'context_length_exceeded';
  return status === 404 && /model/i.test(`${code} ${message}`) ? 'unknown_model' : kind;
}

function hasCode({ code = '', type = '' }: WireError, pattern: RegExp): boolean {
  return pattern.test(code) || pattern.test(type);
}

/** What may stand in the log and the ledger of a provider's refusal: its code. Its text may repeat a key or a prompt. */
function codeOf({ code, type }: WireError): string {
  const word = code ?? type ?? '';
  return /^[A-Za-z0-9_.-]{1,64}$/.test(word) ? word : '';
}

/** OpenRouter says the status once more where others have a word: to a caller that is no code. */
function ownCode({ code }: WireError): string | undefined {
  return code !== undefined && /^[45]\d\d$/.test(code) ? undefined : code;
}

function statusOf(wire: WireError): number {
  const code = Number(wire.code);
  if (code >= 400 && code < 600) return code;
  const words = `${wire.type} ${wire.code}`;
  if (/rate_limit/.test(words) || hasCode(wire, EXHAUSTED_CODE)) return 429;
  if (/invalid_(?:request|prompt|image|base64)|image_|_policy|context_length_exceeded/.test(words)) return 400;
  return hasCode(wire, CONTENT_CODE) || CONTENT.test(wire.message ?? '') ? 400 : 502;
}

function readError(body: Buffer): WireError {
  try {
    const parsed = JSON.parse(body.toString('utf8')) as { error?: unknown } | null;
    return read(parsed?.error ?? parsed);
  } catch {
    // HTML, plain text or nothing: none of it is fit for a caller.
    return read(undefined);
  }
}

function read(wire: unknown): WireError {
  const error = (typeof wire === 'object' && wire !== null ? wire : { message: wire }) as Record<string, unknown>;
  const { message, detail, code, type, param, metadata } = error;
  return { message: text(message) ?? text(detail), code: text(code), type: text(type), param: text(param), metadata };
}

function text(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value.slice(0, MAX_TEXT) : undefined;
}
