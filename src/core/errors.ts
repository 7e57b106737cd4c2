/**
 * Everything that can go wrong with a request, in our words. A closed union: each table below and in the
 * dialects is a `Record` over it, so a new kind does not compile until every table answers for it.
 * The kind is also the label in metrics and the `error_kind` in the ledger.
 */
export type ErrorKind =
  | 'invalid_request'
  | 'unsupported_parameter'
  | 'context_length_exceeded'
  | 'content_policy'
  | 'unauthenticated'
  | 'forbidden'
  | 'not_found'
  | 'unknown_model'
  | 'method_not_allowed'
  | 'conflict'
  | 'payload_too_large'
  | 'unsupported_media_type'
  | 'rate_limited'
  | 'budget_exhausted'
  | 'client_closed'
  | 'internal'
  | 'upstream_protocol'
  | 'upstream_unavailable'
  | 'service_unavailable'
  | 'upstream_timeout'
  | 'upstream_rate_limited'
  | 'upstream_rejected';

/**
 * May another target succeed where this one failed? `unsupported_parameter` is what a target cannot be told, because its dialect
 * has no counterpart; another's may have.
 */
const RECOVERABLE: Record<ErrorKind, boolean> = {
  invalid_request: false,
  unsupported_parameter: true,
  context_length_exceeded: false,
  content_policy: false,
  unauthenticated: false,
  forbidden: false,
  not_found: false,
  unknown_model: false,
  method_not_allowed: false,
  conflict: false,
  payload_too_large: false,
  unsupported_media_type: false,
  rate_limited: false,
  budget_exhausted: false,
  client_closed: false,
  internal: false,
  upstream_protocol: true,
  upstream_unavailable: true,
  service_unavailable: false,
  upstream_timeout: true,
  upstream_rate_limited: true,
  upstream_rejected: false,
};

export type AccountTrouble = 'refused' | 'exhausted' | 'limited';

export interface ErrorDetails {
  /** The field at fault, as the caller wrote it: `messages[0].role`. */
  readonly param?: string;
  /** When another try makes sense, milliseconds from now. */
  readonly retryAfterMs?: number;
  /** `upstream_rejected` keeps the provider's own status and code, `content_policy` its status. */
  readonly status?: number;
  readonly code?: string | null;
  /**
   * The provider's answer is about the account that was asked with, not about the call: another account may do, and this one
   * should rest. `refused`: its key (401, 403). `exhausted`: no credit or quota left (402, a 429 that says so). `limited`: too many
   * calls for now (429).
   */
  readonly account?: AccountTrouble | undefined;
  /** Which limit bound, as refusals are counted: `requests key 60000`, `calls team`, `budget <id>`. */
  readonly limit?: string;
  /** What lies behind it: for the log and the ledger, never for the caller. */
  readonly cause?: unknown;
}

/** The only error the gateway throws on purpose. Its message is for the caller: what is wrong, what to do, no secret. */
export class GatewayError extends Error {
  constructor(
    readonly kind: ErrorKind,
    message: string,
    readonly details: ErrorDetails = {},
  ) {
    super(message, { cause: details.cause });
    this.name = 'GatewayError';
  }

  get isRecoverable(): boolean {
    return RECOVERABLE[this.kind];
  }
}

/** Whatever was thrown, as a `GatewayError`; what we did not foresee becomes `internal` and tells the caller nothing. */
export function toGatewayError(thrown: unknown): GatewayError {
  if (thrown instanceof GatewayError) return thrown;
  return new GatewayError('internal', 'The gateway failed to handle this request. Try again; if it persists, report the request id.', {
    cause: thrown,
  });
}
