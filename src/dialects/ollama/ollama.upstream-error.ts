import { type ErrorKind, GatewayError } from '../../core/errors.js';
import type { UpstreamHeaders } from '../../core/provider.js';
import { retryAfterMs } from '../retry-after.js';

/** Texts of the server go to callers cut to this many characters. */
const MAX_TEXT = 2_000;
/** The server and the runners behind it word it in half a dozen ways; all of them name the context and that it is too small. */
const OVERFLOW = /(?:exceed\w*|longer than|too long)\b.{0,60}\bcontext (?:length|size|window)|exceed_context_size/i;
const NO_MODEL = /\bmodel\b.*\bnot found\b/i;

/** What a refusal of Ollama means: its body is `{"error": "text"}`, or whatever a proxy before it says. */
export function toUpstreamError(status: number, headers: UpstreamHeaders, body: Buffer, nowMs: number): GatewayError {
  const cause = `HTTP ${status}`;
  if (status === 401 || status === 402 || status === 403) {
    return new GatewayError('upstream_unavailable', "The provider refused the gateway's own credentials. Ask the operator to check them.", {
      cause,
    });
  }
  const text = readText(body);
  const kind = kindOf(status, text);
  return new GatewayError(kind, messageOf(kind, status, text), { status, retryAfterMs: retryAfterMs(headers, nowMs), cause });
}

/** An error that stands inside an answer with status 200: it has a text and no more. */
export function toErrorOfAnswer(wire: unknown): GatewayError {
  const text = textOf(wire);
  return new GatewayError(kindOf(500, text), text ?? 'The provider reported an error.', { status: 500, cause: 'error in the answer' });
}

function kindOf(status: number, text = ''): ErrorKind {
  if (OVERFLOW.test(text)) return 'context_length_exceeded';
  if (status < 500 && NO_MODEL.test(text)) return 'unknown_model';
  switch (status) {
    case 408:
    case 504:
      return 'upstream_timeout';
    case 413:
      return 'payload_too_large';
    case 429:
      return 'upstream_rate_limited';
    default:
      if (status >= 500) return 'upstream_unavailable';
      return status >= 400 ? 'upstream_rejected' : 'upstream_protocol';
  }
}

function messageOf(kind: ErrorKind, status: number, text: string | undefined): string {
  switch (kind) {
    case 'upstream_unavailable':
      return `The provider failed with status ${status}. Try again later.`;
    case 'upstream_timeout':
      return `The provider timed out with status ${status}. Try again later.`;
    default:
      return text ?? `The provider refused the request with status ${status}.`;
  }
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
