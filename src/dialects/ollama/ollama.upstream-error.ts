import type { AccountTrouble, ErrorKind, GatewayError } from '../../core/errors.js';
import type { UpstreamHeaders } from '../../core/provider.js';
import { retryAfterMs } from '../retry-after.js';
import { inOurWords, kindOfStatus, MAX_TEXT, toRefusalError, troubleOfStatus } from '../upstream-error.js';

/** The server and the runners behind it word it in half a dozen ways; all of them name the context and that it is too small. */
const OVERFLOW = /(?:exceed\w*|longer than|too long)\b.{0,60}\bcontext (?:length|size|window)|exceed_context_size/i;
const NO_MODEL = /\bmodel\b.*\bnot found\b/i;
/** The cloud behind some models counts by the session and by the week. */
const EXHAUSTED = /\breached your \w+ usage limit\b/i;

/** What a refusal of Ollama means: its body is `{"error": "text"}`, or whatever a proxy before it says. */
export function toUpstreamError(status: number, headers: UpstreamHeaders, body: Buffer, nowMs: number): GatewayError {
  const text = readText(body);
  const meaning = meaningOf(status, text);
  const message = inOurWords(meaning.kind, status) ?? text ?? `The provider refused the request with status ${status}.`;
  return toRefusalError({ ...meaning, status, retryAfterMs: retryAfterMs(headers, nowMs), cause: `HTTP ${status}` }, message);
}

/** An error that stands inside an answer with status 200: it has a text and no more. */
export function toErrorOfAnswer(wire: unknown): GatewayError {
  const text = textOf(wire);
  const refusal = { ...meaningOf(500, text), status: 500, cause: 'error in the answer' };
  return toRefusalError(refusal, text ?? 'The provider reported an error.');
}

function meaningOf(status: number, text = ''): { readonly kind: ErrorKind; readonly account: AccountTrouble | undefined } {
  const account = status === 429 && EXHAUSTED.test(text) ? 'exhausted' : troubleOfStatus(status);
  return { kind: account === undefined ? kindOf(status, text) : kindOfStatus(status), account };
}

function kindOf(status: number, text: string): ErrorKind {
  if (OVERFLOW.test(text)) return 'context_length_exceeded';
  return status < 500 && NO_MODEL.test(text) ? 'unknown_model' : kindOfStatus(status);
}

function readText(body: Buffer): string | undefined {
  try {
    return textOf((JSON.parse(body.toString('utf8')) as { error?: unknown } | null)?.error);
  } catch {
    // HTML, plain text or nothing: none of it is fit for a caller.
    return undefined;
  }
}

/** The cloud behind some models words its errors as `{"message": "text"}`. */
function textOf(error: unknown): string | undefined {
  const text = typeof error === 'object' && error !== null ? (error as { message?: unknown }).message : error;
  return typeof text === 'string' && text !== '' ? text.slice(0, MAX_TEXT) : undefined;
}
