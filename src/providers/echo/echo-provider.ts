import { accountFingerprint } from '../../core/account-fingerprint.js';
import type { DialectName } from '../../core/call.js';
import type { Clock } from '../../core/clock.js';
import type { Feature } from '../../core/features.js';
import { makeId } from '../../core/ids.js';
import type { Endpoint, Provider, UpstreamHandler, UpstreamRequest } from '../../core/provider.js';
import type { ProviderConfig } from '../../platform/index.js';
import { type EchoReply, replyToChat, replyToCount } from './echo-chat.js';
import { type EmbeddingsBody, replyToEmbeddings, replyToOllamaEmbed } from './echo-embeddings.js';
import { EchoExchange } from './echo-exchange.js';

/** `echo-slow` takes this long for a word, so that a stream can be seen to stream. */
const SLOW_WORD_MS = 40;

const NOTHING: ReadonlySet<Feature> = new Set();
const ONLY_ACCOUNT = accountFingerprint();

const ENDPOINTS: ReadonlySet<Endpoint> = new Set([
  'openai-chat',
  'openai-responses',
  'anthropic-messages',
  'anthropic-count-tokens',
  'embeddings',
  'ollama-chat',
  'ollama-embed',
]);

/** A pretend model inside the gateway: everything can be tried with it, in any dialect, without an account. It costs nothing. */
export class EchoProvider implements Provider {
  readonly name: string;
  readonly type = 'echo';
  readonly dialects: readonly DialectName[];
  readonly endpoints = ENDPOINTS;
  readonly timeouts: ProviderConfig['timeouts'];
  readonly priority: number;
  readonly weight: number;
  readonly models: readonly string[];
  readonly streamOptions = true;
  readonly trustsUnknownFields = true;
  readonly hasProviderField = false;
  readonly maxTokensField = 'max_completion_tokens';

  constructor(
    config: ProviderConfig,
    private readonly clock: Clock,
  ) {
    this.name = config.name;
    this.dialects = config.dialects;
    this.timeouts = config.timeouts;
    this.priority = config.priority;
    this.weight = config.weight;
    this.models = config.models ?? ['echo', 'echo-slow'];
  }

  send(request: UpstreamRequest, handler: UpstreamHandler): string {
    const { status, contentType, frames } = this.reply(request);
    new EchoExchange(handler, frames, request.model === 'echo-slow' ? SLOW_WORD_MS : 0).start(status, contentType);
    return ONLY_ACCOUNT;
  }

  /** It has one account, which nothing can happen to. */
  rest(): void {}

  awake(): number {
    return 1;
  }

  defaultMaxTokens(): number {
    return 4096;
  }

  lacks(): ReadonlySet<Feature> {
    return NOTHING;
  }

  conceal(text: string): string {
    return text;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }

  private reply({ endpoint, model, stream, body: bytes }: UpstreamRequest): EchoReply {
    const body: unknown = JSON.parse(bytes.toString('utf8'));
    switch (endpoint) {
      case 'embeddings':
        return inOnePiece(replyToEmbeddings(body as EmbeddingsBody));
      case 'ollama-embed':
        return inOnePiece(replyToOllamaEmbed(body as EmbeddingsBody));
      case 'anthropic-count-tokens':
        return inOnePiece({ status: 200, body: replyToCount(body) });
      default: {
        const now = this.clock.now();
        const dialect = endpoint === 'ollama-chat' ? 'ollama' : endpoint;
        return replyToChat({ dialect, body, model, stream, id: makeId(now), createdSeconds: Math.floor(now / 1000) });
      }
    }
  }
}

function inOnePiece({ status, body }: { readonly status: number; readonly body: object }): EchoReply {
  return { status, contentType: 'application/json', frames: [Buffer.from(JSON.stringify(body))].values() };
}
