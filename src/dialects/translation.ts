import type { AnswerReader, AnswerReading } from '../core/answer.js';
import type { ChatDialectName, DialectName, ModelRequest } from '../core/call.js';
import type { Conversation } from '../core/conversation.js';
import { GatewayError } from '../core/errors.js';
import type { Endpoint, Provider, UpstreamHeaders } from '../core/provider.js';
import { checkCarriage } from './carriage.js';
import type { ChatCodec, ClientDialect } from './dialect.js';
import { CODECS, DIALECTS } from './dialects.js';
import { OllamaEmbedReader, toOllamaEmbed } from './embeddings/ollama-embed.js';
import { expectsIds } from './answer-ids.js';
import { IdReader } from './id-reader.js';
import { TranslatingReader } from './translating-reader.js';
import { withdraw } from './withdrawal.js';

/** One request on its way to one target, and the way back: the client's own bytes where both speak the same, else in other words. */
export interface Translation {
  readonly endpoint: Endpoint;
  readonly body: Buffer;
  /** Fields of the request that were mere hints and are not in the body. */
  readonly dropped: readonly string[];
  /** The content type of a streamed answer. */
  readonly streamType: string;
  reader(): AnswerReader;
  /** What a body says of itself that came in place of a stream, should it be a plain answer; undefined for whatever else it is. */
  readOtherForm(body: Buffer): AnswerReading | undefined;
  toUpstreamError(status: number, headers: UpstreamHeaders, body: Buffer, nowMs: number): GatewayError;
}

export type TranslationTarget = Pick<
  Provider,
  'dialects' | 'streamOptions' | 'hasProviderField' | 'maxTokensField' | 'defaultMaxTokens' | 'lacks'
>;

export interface TranslationTerms {
  readonly provider: TranslationTarget;
  readonly model: string;
  /** Names a translated answer. */
  readonly id: string;
  /** When it was made, epoch milliseconds. */
  readonly nowMs: number;
  /** The limit on each answer, in tokens, that stands in the place of the client's; absent = the client's own, or none. */
  readonly maxOutputTokens?: number | undefined;
}

/**
 * Says a request as a target understands it: in the client's own dialect if the target speaks that, else in the first it has.
 * Throws `unsupported_parameter` for what the target cannot be told.
 */
export function translate(request: ModelRequest, terms: TranslationTerms): Translation {
  const { dialects } = terms.provider;
  if (dialects.includes(request.dialect)) return new Relayed(request, terms);
  if (request.dialect === 'embeddings' && dialects.includes('ollama')) return new Embedded(request, terms);
  const to = dialects.find((dialect): dialect is ChatDialectName => dialect !== 'embeddings');
  if (request.dialect === 'embeddings' || to === undefined) throw notSpoken(request.dialect);
  return new Translated(request, CODECS[request.dialect], CODECS[to], terms);
}

/** The client's own dialect: bytes are relayed untouched but for what must be said differently. */
class Relayed implements Translation {
  readonly endpoint: Endpoint;
  readonly body: Buffer;
  readonly dropped: readonly string[] = NOTHING;
  readonly streamType = 'text/event-stream';
  private readonly dialect: ClientDialect;

  constructor(
    private readonly request: ModelRequest,
    { provider, model, maxOutputTokens }: TranslationTerms,
  ) {
    this.dialect = DIALECTS[request.dialect];
    this.endpoint = request.dialect;
    const keepProvider = provider.hasProviderField && request.providerAsked === undefined;
    const { streamOptions: askUsage, maxTokensField } = provider;
    this.body = this.dialect.relayBody(request, { model, askUsage, keepProvider, maxTokensField, maxOutputTokens });
  }

  reader(): AnswerReader {
    const relay = this.dialect.relay(this.request);
    return expectsIds(this.request.dialect, this.request.parsed) ? new IdReader(relay, this.request) : relay;
  }

  readOtherForm(body: Buffer): AnswerReading | undefined {
    return this.request.stream ? readWhole(this.dialect.relay({ ...this.request, stream: false }), body) : undefined;
  }

  toUpstreamError(status: number, headers: UpstreamHeaders, body: Buffer, nowMs: number): GatewayError {
    return this.dialect.toUpstreamError(status, headers, body, nowMs);
  }
}

class Translated implements Translation {
  readonly endpoint: Endpoint;
  readonly body: Buffer;
  readonly dropped: readonly string[];
  readonly streamType: string;

  constructor(
    private readonly request: ModelRequest,
    private readonly client: ChatCodec,
    private readonly codec: ChatCodec,
    private readonly terms: TranslationTerms,
  ) {
    const { provider, model } = terms;
    const { stream, parsed, strict } = request;
    const conversation = limited(client.decodeRequest(parsed), terms.maxOutputTokens);
    const { streamOptions: askUsage, maxTokensField } = provider;
    const upstream = { model, stream, askUsage, maxTokensField, defaultMaxTokens: provider.defaultMaxTokens(model) };
    const beside = codec.lacksBeside?.(conversation, upstream);
    const lacks = beside ? new Set([...provider.lacks(model), ...beside]) : provider.lacks(model);
    this.dropped = checkCarriage(conversation.uses, { to: codec.name, strict, lacks });
    const body = codec.encodeRequest(withdraw(conversation, lacks), upstream);
    this.body = Buffer.from(JSON.stringify(body));
    this.endpoint = codec.name === 'ollama' ? 'ollama-chat' : codec.name;
    this.streamType = codec.streamType;
  }

  reader(): AnswerReader {
    return this.readerFor(this.request.stream);
  }

  readOtherForm(body: Buffer): AnswerReading | undefined {
    return this.request.stream ? readWhole(this.readerFor(false), body) : undefined;
  }

  private readerFor(stream: boolean): AnswerReader {
    const { id, nowMs, model } = this.terms;
    const { wantsUsage, parsed } = this.request;
    const answer = { id, model, stream, wantsUsage, createdSeconds: Math.floor(nowMs / 1000), request: parsed };
    return new TranslatingReader((sink) => this.codec.decoder(stream, sink), this.client.encoder(answer));
  }

  toUpstreamError(status: number, headers: UpstreamHeaders, body: Buffer, nowMs: number): GatewayError {
    return this.codec.toUpstreamError(status, headers, body, nowMs);
  }
}

function limited(conversation: Conversation, maxTokens: number | undefined): Conversation {
  return maxTokens === undefined ? conversation : { ...conversation, settings: { ...conversation.settings, maxTokens } };
}

/** Embeddings of a provider that has only Ollama's own way of asking for them. */
class Embedded implements Translation {
  readonly endpoint = 'ollama-embed';
  readonly body: Buffer;
  readonly dropped: readonly string[];
  readonly streamType = 'application/json';

  constructor(
    private readonly request: ModelRequest,
    private readonly terms: TranslationTerms,
  ) {
    const { body, dropped } = toOllamaEmbed(request, terms.model);
    this.body = body;
    this.dropped = dropped;
  }

  reader(): AnswerReader {
    return new OllamaEmbedReader(this.request, this.terms.model);
  }

  /** Embeddings are not streamed. */
  readOtherForm(): undefined {
    return undefined;
  }

  toUpstreamError(status: number, headers: UpstreamHeaders, body: Buffer, nowMs: number): GatewayError {
    return CODECS.ollama.toUpstreamError(status, headers, body, nowMs);
  }
}

function readWhole(reader: AnswerReader, body: Buffer): AnswerReading | undefined {
  try {
    reader.read(body);
    reader.end();
  } catch {
    // What cannot be read may have told of its usage before.
  }
  return reader.reading;
}

const NOTHING: readonly string[] = [];

function notSpoken(dialect: DialectName): GatewayError {
  const what = dialect === 'embeddings' ? 'makes no embeddings' : 'does not chat';
  return new GatewayError('unsupported_parameter', `The provider of this model ${what}. Ask another model.`, { param: 'model' });
}
