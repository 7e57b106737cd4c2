import type { AnswerDecoder, AnswerEncoder, EventSink } from '../core/answer-event.js';
import type { AnswerReader } from '../core/answer.js';
import type { ChatDialectName, ClientDialectName, JsonBody, ModelRequest } from '../core/call.js';
import type { Conversation } from '../core/conversation.js';
import type { GatewayError } from '../core/errors.js';
import type { Feature } from '../core/features.js';
import type { UpstreamHeaders } from '../core/provider.js';
import type { PriceBearing } from './billing/price-bearing.js';

/** What a request needs besides the conversation to be written for one target. */
export interface UpstreamTerms {
  /** The name that the provider knows the model by. */
  readonly model: string;
  readonly stream: boolean;
  /** Ask for the usage report of a stream; not every server knows the field. */
  readonly askUsage: boolean;
  /** The field in which the target takes a limit on the answer. */
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens';
  /** The limit to name where the client names none and the dialect demands one. */
  readonly defaultMaxTokens: number;
}

/** What the answer to a client must say besides the answer itself. */
export interface AnswerTerms {
  /** Ours, without a prefix: dialects add their own. */
  readonly id: string;
  /** Epoch seconds. */
  readonly createdSeconds: number;
  /** Shown unless the answer names one. */
  readonly model: string;
  readonly stream: boolean;
  /** The client asked for a usage report; plain answers have one always. */
  readonly wantsUsage: boolean;
  /** The client's own request, parsed: some answers repeat parts of it. */
  readonly request: unknown;
}

/**
 * The codec of a chat wire format. Pure: text and objects in, text and objects out, no I/O, no clock, no other dialect.
 * Decoding accepts any body that the dialect's schema accepts and notes what it uses; whether a target can carry that is
 * decided by the capability table before anything is encoded, so that encoders need refuse nothing.
 */
export interface ChatCodec {
  readonly name: ChatDialectName;
  /** The content type of a streamed answer. */
  readonly streamType: 'text/event-stream' | 'application/x-ndjson';
  decodeRequest(body: unknown): Conversation;
  /** What the dialect has no place for beside other things that this very conversation wants: left out as hints, and named. */
  lacksBeside?(conversation: Conversation, terms: UpstreamTerms): ReadonlySet<Feature>;
  encodeRequest(conversation: Conversation, terms: UpstreamTerms): Record<string, unknown>;
  /** Reads a provider's answer, streamed or plain. */
  decoder(stream: boolean, sink: EventSink): AnswerDecoder;
  /** Writes an answer for a client, streamed or plain; a plain one comes whole with the event `end`. */
  encoder(terms: AnswerTerms): AnswerEncoder;
  /** What a provider's refusal means; `body` need not be JSON. */
  toUpstreamError(status: number, headers: UpstreamHeaders, body: Buffer, nowMs: number): GatewayError;
}

/** What a same-dialect body is to be told differently from what the client said. */
export interface RelayChanges {
  readonly model: string;
  readonly askUsage: boolean;
  /** An object `provider` belongs to the provider (OpenRouter); a string one is ours. */
  readonly keepProvider: boolean;
  /** The limit on each answer, in tokens, that stands in the place of the client's; absent = the client's own, or none. */
  readonly maxOutputTokens?: number | undefined;
  /** The field in which the target's Chat Completions take a limit where the client names none. */
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens';
}

/** Fields of a request that are for the gateway and never go upstream; a `provider` may be either's. */
export function isOurField(key: string, { keepProvider }: Pick<RelayChanges, 'keepProvider'>): boolean {
  return key === 'clamp' || (key === 'provider' && !keepProvider);
}

/** How clients of one wire format are answered, whoever answers them. */
export interface ClientDialect {
  readonly name: ClientDialectName;
  /** Checks a body and reads what the gateway must know; throws `invalid_request` naming the field. */
  parse(body: JsonBody, terms?: ParseTerms): ModelRequest;
  /** The client's own bytes for a provider of the same dialect, with the changed members spliced. */
  relayBody(request: ModelRequest, changes: RelayChanges): Buffer;
  /** Relays a provider's answer of the same dialect, byte for byte, with the meter reading along. */
  relay(request: ModelRequest): AnswerReader;
  /** What a model reads of the request, for our own count where the provider reports nothing. */
  prompt(request: ModelRequest): { texts: string[]; extraTokens: number };
  /** All of the request that its price can depend on. */
  bearing(request: ModelRequest): PriceBearing;
  toUpstreamError(status: number, headers: UpstreamHeaders, body: Buffer, nowMs: number): GatewayError;
  toError(error: GatewayError, requestId: string): { status: number; body: string };
  /** The same error as the last event of a stream. */
  toErrorFrame(error: GatewayError, requestId: string): string;
}

/** Does the client rather have its call refused than a hint left out? */
export function isStrict(headers: ParseTerms['headers']): boolean {
  return headers?.['x-tollgate-strict'] === 'true';
}

export interface ParseTerms {
  /** The route streams whatever the body says. */
  readonly alwaysStream?: boolean;
  /** The client's headers, names in lower case. */
  readonly headers?: Readonly<Record<string, string | string[] | undefined>>;
}
