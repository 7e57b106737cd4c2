import { type AccountTrouble, type ErrorDetails, type ErrorKind, GatewayError } from '../core/errors.js';

/** Provider texts go to callers and logs cut to this many characters. */
export const MAX_TEXT = 2_000;

/** What a dialect has made out of a provider's refusal. */
export interface Refusal extends ErrorDetails {
  readonly kind: ErrorKind;
  readonly status: number;
  readonly account: AccountTrouble | undefined;
}

/**
 * The error for a refusal, with `message` for the caller. What is wrong with the gateway's own key or its quota is the operator's
 * matter: the caller hears nothing that the provider said of it. Of a used-up quota (429) it hears the code that OpenAI has for
 * it, because clients know that waiting is no use.
 */
export function toRefusalError({ kind, ...details }: Refusal, message: string): GatewayError {
  const { status, account, retryAfterMs, cause } = details;
  const ours = { status, account, retryAfterMs, cause };
  if (account === 'refused') return new GatewayError('upstream_unavailable', CREDENTIALS, ours);
  if (account !== 'exhausted') return new GatewayError(kind, message, details);
  if (status !== 429) return new GatewayError('upstream_unavailable', QUOTA, ours);
  return new GatewayError('upstream_rate_limited', QUOTA, { ...ours, code: 'insufficient_quota' });
}

const CREDENTIALS = "The provider refused the gateway's own credentials. Ask the operator to check them.";
const QUOTA = "The gateway's own account at the provider has used up its credit or quota. Ask the operator to raise it.";

/**
 * What a status means by itself. A 409 is handed on as any other refusal: nothing says that another target would do better, and the
 * clients that know of it ask again by themselves.
 */
export function kindOfStatus(status: number): ErrorKind {
  if (status === 408 || status === 504) return 'upstream_timeout';
  if (status >= 500) return 'upstream_unavailable';
  if (status === 429) return 'upstream_rate_limited';
  if (status === 413) return 'payload_too_large';
  return status >= 400 ? 'upstream_rejected' : 'upstream_protocol';
}

/** Which trouble of the account a status means by itself: 401, 402 and 403 speak of the operator, never of the caller. */
export function troubleOfStatus(status: number): AccountTrouble | undefined {
  if (status === 402) return 'exhausted';
  if (status === 401 || status === 403) return 'refused';
  return status === 429 ? 'limited' : undefined;
}

/** What the caller is told where the provider's own words are not for it. */
export function inOurWords(kind: ErrorKind, status: number): string | undefined {
  if (kind === 'upstream_unavailable') return `The provider failed with status ${status}. Try again later.`;
  return kind === 'upstream_timeout' ? `The provider timed out with status ${status}. Try again later.` : undefined;
}

/** The status of a refusal that its client is told as it came; undefined where the kind decides, and of what is no refusal (4xx). */
export function keptStatus({ kind, details: { status } }: GatewayError): number | undefined {
  const isKept = kind === 'upstream_rejected' || kind === 'content_policy';
  return isKept && status !== undefined && status >= 400 && status < 500 ? status : undefined;
}

/** The same for its code. */
export function keptCode({ kind, details: { code } }: GatewayError): string | undefined {
  const isKept = kind === 'upstream_rejected' || (kind === 'upstream_rate_limited' && code === 'insufficient_quota');
  return isKept ? (code ?? undefined) : undefined;
}

/**
 * OpenRouter refuses with 403 also what its moderation, its guardrails or a provider's filter found in the content: `metadata`
 * tells it apart from a key that may not do something, and so do the words. Source: openrouter.ai/docs, Errors and Debugging.
 */
export function isModeration(metadata: unknown, message = ''): boolean {
  const found = (typeof metadata === 'object' && metadata !== null ? metadata : {}) as Record<string, unknown>;
  if (found['flagged_input'] != null || Array.isArray(found['reasons']) || Array.isArray(found['patterns'])) return true;
  return MODERATION_TYPES.has(found['error_type']) || MODERATED.test(message);
}

const MODERATION_TYPES: ReadonlySet<unknown> = new Set(['content_policy_violation', 'refusal']);
const MODERATED = /^request blocked\b|\brequires moderation\b|\b(?:input|prompt)\b.{0,20}\bflagged\b/i;
