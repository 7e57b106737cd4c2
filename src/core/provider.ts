import type { DialectName } from './call.js';
import type { GatewayError } from './errors.js';
import type { Feature } from './features.js';

export type ProviderType = 'openai' | 'anthropic' | 'deepseek' | 'openrouter' | 'ollama' | 'openai-compatible' | 'echo';

/** Deadlines of one attempt, in milliseconds. */
export interface Timeouts {
  readonly connectMs: number;
  /** Streams only: until the first event. */
  readonly firstTokenMs: number;
  /** Streams only: between two reads. */
  readonly idleMs: number;
  readonly totalMs: number;
}

/** Deadlines of a route, in milliseconds, none of them later than the provider's own; the total is that of the whole call. */
export type RouteTimeouts = Partial<Omit<Timeouts, 'connectMs'>>;

/** What a provider can be asked, each at a path of its own. */
export type Endpoint =
  'openai-chat' | 'openai-responses' | 'anthropic-messages' | 'anthropic-count-tokens' | 'embeddings' | 'ollama-chat' | 'ollama-embed';

/** What a provider is asked: a finished body in one of its dialects. */
export interface UpstreamRequest {
  readonly endpoint: Endpoint;
  /** Of the client's, those that belong to the body: names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly model: string;
  readonly stream: boolean;
  readonly body: Buffer;
  /** The fingerprint of the only account that will do; undefined = the next in turn. */
  readonly account?: string | undefined;
}

export interface UpstreamControl {
  readonly aborted: boolean;
  pause(): void;
  resume(): void;
  /** Ends the exchange now and closes its socket; the handler gets `reason` in `onResponseError`. */
  abort(reason: Error): void;
}

/**
 * Who reads a provider's answer. The shape is that of undici's dispatch handler, so that an adapter over HTTP hands it
 * straight on and a chunk passes through no layer of ours. Exactly one of `onResponseEnd` and `onResponseError` comes last.
 */
export interface UpstreamHandler {
  onRequestStart(control: UpstreamControl): void;
  onResponseStart(control: UpstreamControl, status: number, headers: UpstreamHeaders): void;
  onResponseData(control: UpstreamControl, chunk: Buffer): void;
  onResponseEnd(control: UpstreamControl): void;
  onResponseError(control: UpstreamControl, error: Error): void;
}

export type UpstreamHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** A configured account at a model provider. It says what it speaks, and sends; retrying and metering happen around it. */
export interface Provider {
  readonly name: string;
  readonly type: ProviderType;
  readonly dialects: readonly DialectName[];
  /** What it can be asked at all; of these, those that belong to its dialects are asked. */
  readonly endpoints: ReadonlySet<Endpoint>;
  readonly timeouts: Timeouts;
  /** Lower is tried first. */
  readonly priority: number;
  /** Its share of the calls among providers of one priority; at least 1. */
  readonly weight: number;
  /** Models it lists by name or pattern; undefined = any name goes through. */
  readonly models: readonly string[] | undefined;
  /** Models that it was found to have, where it can be asked; another list each time they are others, so that it can be compared. */
  discovered?(): readonly string[];
  /** Understands `stream_options`, so that it can be asked for a usage report in a stream. */
  readonly streamOptions: boolean;
  /** Request fields that the gateway does not know may go to it even under a budget. */
  readonly trustsUnknownFields: boolean;
  /** Has a request field `provider` of its own (OpenRouter's routing preferences). */
  readonly hasProviderField: boolean;
  /** The field in which its Chat Completions take a limit on the answer. */
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens';
  /** For an answer of a model, in tokens, where the client names no limit and the dialect demands one. */
  defaultMaxTokens(model: string): number;
  /** What one of its models cannot do although its dialect could say it: left out as a hint when a request is translated. */
  lacks(model: string): ReadonlySet<Feature>;
  /** Sends, and gives the fingerprint of the account it was sent with. Throws `not_found` if the account that is asked for is gone. */
  send(request: UpstreamRequest, handler: UpstreamHandler): string;
  /**
   * Hears that an attempt with an account failed for reasons of the account (`failure.details.account`): it rests, as long as
   * there is another; for one model only where the trouble is the model's.
   */
  rest(account: string, model: string, failure: GatewayError): void;
  /** How many accounts are not resting for this model. A provider whose accounts all rest is still asked, last. */
  awake(model: string): number;
  /** Asks for something that costs nothing, if it can be asked; rejects with what stands in the way of calls. */
  probe?(stop: AbortSignal): Promise<void>;
  /** A text of the provider without our keys, should it quote one. */
  conceal(text: string): string;
  /** Lets go of its connections; calls in flight finish first. */
  close(): Promise<void>;
}

/** Injection token of the providers by name, in order of priority. */
export const PROVIDERS = Symbol('PROVIDERS');
export type Providers = ReadonlyMap<string, Provider>;
