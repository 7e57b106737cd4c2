import type { DialectName } from '../../core/call.js';
import type { Clock } from '../../core/clock.js';
import type { Feature } from '../../core/features.js';
import { makeId } from '../../core/ids.js';
import type { Provider, UpstreamHandler, UpstreamRequest } from '../../core/provider.js';
import type { ProviderConfig } from '../../platform/index.js';
import { type EchoRequest, echoAnswer } from './echo-answer.js';
import { EchoExchange } from './echo-exchange.js';
import { toChatChunks, toChatCompletion } from './echo.wire.js';

/** `echo-slow` takes this long for a word, so that a stream can be seen to stream. */
const SLOW_WORD_MS = 40;

const NOTHING: ReadonlySet<Feature> = new Set();

/** A pretend model inside the gateway: everything can be tried with it, without an account. It costs nothing. */
export class EchoProvider implements Provider {
  readonly name: string;
  readonly type = 'echo';
  readonly dialects: readonly DialectName[];
  readonly timeouts: ProviderConfig['timeouts'];
  readonly priority: number;
  readonly models: readonly string[];
  readonly streamOptions = true;
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
    this.models = config.models ?? ['echo', 'echo-slow'];
  }

  send(request: UpstreamRequest, handler: UpstreamHandler): void {
    const body = JSON.parse(request.body.toString('utf8')) as EchoRequest & { stream_options?: { include_usage?: boolean } };
    const now = this.clock.now();
    const head = { id: `chatcmpl-${makeId(now)}`, created: Math.floor(now / 1000), model: request.model };
    const answers = Array.from({ length: body.n ?? 1 }, () => echoAnswer(body));
    const frames = request.stream
      ? toChatChunks(head, answers, body.stream_options?.include_usage === true)
      : [toChatCompletion(head, answers)].values();
    const contentType = request.stream ? 'text/event-stream; charset=utf-8' : 'application/json';
    new EchoExchange(handler, frames, request.model === 'echo-slow' ? SLOW_WORD_MS : 0).start(contentType);
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
}
