import { type ErrorKind, GatewayError } from '../../core/errors.js';
import type { UpstreamHeaders } from '../../core/provider.js';
import { retryAfterMs } from '../retry-after.js';

/** Provider texts go to callers and logs cut to this many characters. */
const MAX_TEXT = 2_000;
const OVERFLOW = /context_length_exceeded|maximum context length|prompt is too long|exceeds? the (?:maximum )?context (?:length|window)/i;

/** What a provider's refusal means, in our words. `body` is what came of its body; it need not be JSON. */
export function toUpstreamError(status: number, headers: UpstreamHeaders, body: Buffer, nowMs: number): GatewayError {
  const wire = readError(body);
  const kind = kindOf(status, wire);
  const details = {
    status,
    code: ownCode(wire),
    retryAfterMs: retryAfterMs(headers, nowMs),
    cause: `HTTP ${status} ${codeOf(wire)}`.trim(),
  };
  if (isOurCredential(status)) return credentialsRefused(details.cause);
  switch (kind) {
    case 'upstream_unavailable':
      return new GatewayError(kind, `The provider failed with status ${status}. Try again later.`, details);
    case 'upstream_timeout':
      return new GatewayError(kind, `The provider timed out with status ${status}. Try again later.`, details);
    default:
      return new GatewayError(kind, wire.message ?? `The provider refused the request with status ${status}.`, {
        ...details,
        param: wire.param,
      });
  }
}

/** An error that stands inside an answer with status 200, as the first event or in the middle of a stream. */
export function toErrorOfAnswer(wire: unknown): GatewayError {
  const error = read(wire);
  const status = statusOf(error);
  const kind = kindOf(status, error);
  if (isOurCredential(status)) return credentialsRefused(`error ${status} in the answer`);
  return new GatewayError(kind, error.message ?? 'The provider reported an error.', {
    status,
    code: ownCode(error),
    param: error.param,
    cause: `error ${status} in the answer ${codeOf(error)}`.trim(),
  });
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

interface WireError {
  readonly message: string | undefined;
  readonly code: string | undefined;
  readonly type: string | undefined;
  readonly param: string | undefined;
}

function kindOf(status: number, wire: WireError): ErrorKind {
  if (isOurCredential(status) || status >= 500) return status === 504 ? 'upstream_timeout' : 'upstream_unavailable';
  if (status === 429) return 'upstream_rate_limited';
  if (status === 408) return 'upstream_timeout';
  if (status === 413) return 'payload_too_large';
  if (OVERFLOW.test(`${wire.code ?? ''} ${wire.message ?? ''}`)) return 'context_length_exceeded';
  if (status === 404 && /model/i.test(`${wire.code ?? ''} ${wire.message ?? ''}`)) return 'unknown_model';
  return status >= 400 ? 'upstream_rejected' : 'upstream_protocol';
}

/** 401, 402 and 403 speak of the operator's account, never of the caller. */
function isOurCredential(status: number): boolean {
  return status === 401 || status === 402 || status === 403;
}

function credentialsRefused(cause: string): GatewayError {
  return new GatewayError('upstream_unavailable', "The provider refused the gateway's own credentials. Ask the operator to check them.", {
    cause,
  });
}

function statusOf(error: WireError): number {
  const code = Number(error.code);
  if (code >= 400 && code < 600) return code;
  if (/rate_limit|insufficient_quota/.test(`${error.type} ${error.code}`)) return 429;
  if (/invalid_(?:request|prompt|image|base64)|image_|_policy|context_length_exceeded/.test(`${error.type} ${error.code}`)) return 400;
  return 502;
}

function readError(body: Buffer): WireError {
  try {
    const parsed = JSON.parse(body.toString('utf8')) as { error?: unknown; message?: unknown };
    return read(parsed.error ?? parsed);
  } catch {
    // HTML, plain text or nothing: none of it is fit for a caller.
    return { message: undefined, code: undefined, type: undefined, param: undefined };
  }
}

function read(wire: unknown): WireError {
  if (typeof wire === 'string') return { message: wire.slice(0, MAX_TEXT), code: undefined, type: undefined, param: undefined };
  const error = (typeof wire === 'object' && wire !== null ? wire : {}) as Record<string, unknown>;
  return { message: text(error['message']), code: text(error['code']), type: text(error['type']), param: text(error['param']) };
}

function text(value: unknown): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value !== '' ? value.slice(0, MAX_TEXT) : undefined;
}
