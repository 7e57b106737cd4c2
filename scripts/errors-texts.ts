import type { ErrorKind } from '../src/core/errors.js';

export interface ErrorText {
  readonly meaning: string;
  /** What who gets it should do. */
  readonly remedy: string;
}

/** What `docs/errors.md` says of each kind. */
export const ERROR_TEXTS: Readonly<Record<ErrorKind, ErrorText>> = {
  invalid_request: {
    meaning:
      'The gateway does not accept the request: no JSON, a field that is missing or of another type, a value out of range. Nobody was asked.',
    remedy: 'Mend the field that `param` and the message name. Sending it again as it is changes nothing.',
  },
  unsupported_parameter: {
    meaning:
      "The request uses what no target of the model can be told, because the provider's dialect has no counterpart ([dialects](dialects.md)), or asks for an API that the provider has not.",
    remedy: 'Leave the field out, or ask a model whose provider has it.',
  },
  context_length_exceeded: {
    meaning: 'The prompt, with the answer that was asked for, is longer than the model can hold.',
    remedy: 'Send less, or ask a model with a longer context. An operator can name one for this in `on_context_overflow`.',
  },
  content_policy: {
    meaning: "The provider refuses the prompt for its content, or its filter stopped the answer. The message is the provider's.",
    remedy: 'Change the prompt. An operator can name targets for this in `on_content_policy`.',
  },
  unauthenticated: {
    meaning: 'No key was sent, or none that the gateway knows, or one that has expired or was revoked.',
    remedy: 'Send a gateway key, as `Authorization: Bearer …` or `x-api-key: …`.',
  },
  forbidden: {
    meaning:
      'The key is good, but may not do this: the route is for others, the model is not among those of the key, its team or the end user, or has no price; the key, its team or the end user is disabled; or the address is not one of the key’s.',
    remedy: 'Use another key, or ask an administrator.',
  },
  not_found: {
    meaning:
      'There is no such route, or no such thing: also for what a provider keeps (a response, a file) that is not yours, or no longer there.',
    remedy: 'Check the address and the id. `GET /docs` lists the routes.',
  },
  unknown_model: {
    meaning: 'No provider has a model of this name, or the provider that should have it says that it does not.',
    remedy: 'Ask for one that `GET /v1/models` lists.',
  },
  method_not_allowed: {
    meaning: 'The route does not take this method.',
    remedy: 'Use one that the header `allow` names.',
  },
  conflict: {
    meaning: 'What was asked for does not go with the state of things: something of this name exists, or a setting forbids it.',
    remedy: 'Read the message; look at the thing as it is now, then decide.',
  },
  payload_too_large: {
    meaning: 'The body is larger than the gateway takes (`MAX_BODY_BYTES`), or than the provider does.',
    remedy: 'Send less; refer to large files by address or id.',
  },
  unsupported_media_type: {
    meaning: 'The body is not declared as JSON.',
    remedy: 'Send it as JSON, with `content-type: application/json`.',
  },
  rate_limited: {
    meaning: "One of the gateway's own limits is reached: requests, tokens, or calls at the same time.",
    remedy: 'Wait for as long as `retry-after` says.',
  },
  budget_exhausted: {
    meaning: 'A budget that binds this call has not enough left for it.',
    remedy: 'Waiting does not help before the period of the budget ends. Ask for less (`max_tokens`), or an administrator for more.',
  },
  client_closed: {
    meaning: 'The client went away before it had its answer. Nobody is told; it stands in the ledger and the metrics.',
    remedy: "If it was not meant: the client's own time limit, or that of a proxy in between, is shorter than the call.",
  },
  internal: {
    meaning: 'The gateway failed in a way that nobody foresaw. That is a fault of ours.',
    remedy: 'Try again. If it persists, report it with the request id, under which the log has the rest.',
  },
  upstream_protocol: {
    meaning:
      "The provider's answer could not be read, or broke off: HTML instead of JSON, a stream that is cut or ends without an end, an event that is none.",
    remedy: 'Try again. If it comes in the middle of a stream, what came before it is not the whole answer.',
  },
  upstream_unavailable: {
    meaning:
      "No provider that may serve the call could: it failed (500 and above), could not be reached, or refused the gateway's own key or has no credit left for it.",
    remedy: 'Try again later, after `retry-after` if it is there. An operator finds the reason in the log and in the ledger.',
  },
  service_unavailable: {
    meaning:
      'The gateway itself cannot serve at the moment: it stops, carries all the calls it can, or cannot reach a store that it needs.',
    remedy: 'Try again after `retry-after`.',
  },
  upstream_timeout: {
    meaning:
      'A time limit was over: of connecting, of the first event, between two events, or of the whole call; or the provider says so of its own.',
    remedy: 'Try again, stream, or ask for a shorter answer. The limits are `timeouts` of a provider.',
  },
  upstream_rate_limited: {
    meaning:
      'The provider limits the gateway, on each account that was tried. With the code `insufficient_quota` the quota of the accounts is used up.',
    remedy: 'Wait for as long as `retry-after` says. With `insufficient_quota` waiting does not help: the operator must raise the quota.',
  },
  upstream_rejected: {
    meaning: "The provider refuses the request for what stands in it. Status, code and message are the provider's.",
    remedy: 'Mend the request as the message says.',
  },
};
