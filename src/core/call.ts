import type { Caller } from './caller.js';
import type { ErrorKind } from './errors.js';
import type { JsonMember } from './json-members.js';
import type { Usage, UsageSource } from './usage.js';

/** The wire formats that Tollgate can speak, to clients and to providers. */
export const DIALECT_NAMES = ['openai-chat', 'openai-responses', 'anthropic-messages', 'ollama', 'embeddings'] as const;
export type DialectName = (typeof DIALECT_NAMES)[number];
/** Those in which a client can call. */
export type ClientDialectName = Exclude<DialectName, 'ollama'>;
/** Those that carry a conversation. */
export type ChatDialectName = Exclude<DialectName, 'embeddings'>;

/** A JSON body in its three forms: the bytes as they came, the same as text, and what they mean. */
export interface JsonBody {
  readonly raw: Buffer;
  readonly text: string;
  readonly parsed: unknown;
}

/** What the gateway itself must know of a model call; the rest of the body is the provider's business. */
export interface ModelRequest {
  readonly dialect: ClientDialectName;
  /** The body as it came, still undecoded: relayed or spliced, never written anew where the dialect stays the same. */
  readonly raw: Buffer;
  readonly text: string;
  /** The same, parsed: for who must read more of it than stands here. */
  readonly parsed: unknown;
  /** Where the top-level members of `text` stand. */
  readonly members: readonly JsonMember[];
  readonly modelAsked: string;
  /** A string `provider` field: pins the provider and never goes upstream. */
  readonly providerAsked: string | undefined;
  /** An object `provider` field: a provider's own preferences, for one that has such a field. */
  readonly hasProviderPreferences: boolean;
  readonly stream: boolean;
  /** The client asked for a usage report in its stream. */
  readonly wantsUsage: boolean;
  /** Number of answers asked for; a stream is over when each has finished. */
  readonly choices: number;
  readonly userId: string | undefined;
  /** Headers of the client that belong to its dialect and go with the body, names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** `x-tollgate-strict: true`: rather refuse the call than leave out a hint. */
  readonly strict: boolean;
}

/** One call from the moment it was let in. `callId` and `admittedAt` together are its key for ever. */
export interface Call {
  readonly callId: string;
  readonly requestId: string;
  /** Epoch milliseconds. */
  readonly admittedAt: number;
  readonly caller: Caller;
  readonly request: ModelRequest;
  /** The end user: proven, or else as the request names one. */
  readonly userId: string | undefined;
  /** Dimensions of usage: the key's own, and what the request adds. */
  readonly tags: Readonly<Record<string, string>>;
}

/**
 * How an answer ended. `complete`: nothing missing. `client_gone`: abandoned by its reader. `upstream_cut`: the provider
 * stopped in the middle. `timed_out`: a deadline. `failed`: an error before or instead of an answer. `interrupted`: the gateway died.
 */
export type Ending = 'complete' | 'client_gone' | 'upstream_cut' | 'timed_out' | 'failed' | 'interrupted';

/** One try at one target. */
export interface AttemptRecord {
  readonly provider: string;
  readonly model: string;
  /** Milliseconds from the start of the call. */
  readonly startedMs: number;
  readonly durationMs: number;
  readonly outcome: 'answered' | ErrorKind;
  /** What the provider's failure was, in a short text without secrets. */
  readonly reason?: string | undefined;
  /** What its provider says that it used, where it made no answer. */
  readonly usage?: Usage | undefined;
  /** Nano-dollars for that; undefined where the model has no price. */
  readonly costNanoUsd?: bigint | undefined;
  /** What that was priced by. */
  readonly priceId?: string | undefined;
  readonly serviceTier?: string | undefined;
}

/** What is known of a call when it is over: the ledger row, the log line and the metrics are made from it. */
export interface CallRecord {
  readonly call: Call;
  readonly provider: string | undefined;
  readonly model: string | undefined;
  /** The model's label in metrics: `other` for names that nobody lists. */
  readonly metricModel: string;
  /** HTTP status that the client got; 499 if it had left before one. */
  readonly status: number;
  readonly ending: Ending;
  readonly errorKind: ErrorKind | undefined;
  readonly usage: Usage;
  readonly usageSource: UsageSource;
  /** Nano-dollars; 0 with an undefined `priceVersion` means the model has no price, not that it was free. */
  readonly costNanoUsd: bigint;
  /** Nano-dollars that attempts cost at their providers which made no answer, whoever pays for them. */
  readonly failedCostNanoUsd: bigint;
  readonly priceVersion: string | undefined;
  /** What it was charged by, for ever (`PricedModel.id`). */
  readonly priceId: string | undefined;
  /** The input, in tokens, above which the tier begins that was charged; undefined = the base price. */
  readonly tierAbove: number | undefined;
  /** Faster or cheaper than usual, by a short name; undefined = the usual one. */
  readonly serviceTier: string | undefined;
  /** The provider's own figure where it reports one (OpenRouter). */
  readonly providerCostNanoUsd: bigint | undefined;
  readonly durationMs: number;
  /** From arrival to the first byte of the answer; undefined if there was none. */
  readonly firstTokenMs: number | undefined;
  /** The gateway's own share before the first byte, in microseconds. */
  readonly overheadUs: number;
  readonly attempts: readonly AttemptRecord[];
  /** What it is charged to: `<budget id>@<bucket>` of each budget that bound it. */
  readonly budgets: readonly string[];
}
