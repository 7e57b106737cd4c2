import type { EventSink, FinishReason } from '../../core/answer-event.js';
import { toErrorOfAnswer } from './anthropic-messages.upstream-error.js';
import { UsageReport } from './anthropic-messages.usage.js';
import { BlockReader } from './block-reader.js';
import { asObject, asText, brokenAnswer, parsedObject, type WireObject } from './wire-event.js';

const FINISH_REASONS: ReadonlyMap<unknown, FinishReason> = new Map([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop_sequence'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'tool_calls'],
  ['refusal', 'content_filter'],
  ['pause_turn', 'pause'],
]);
/** Anthropic's tiers by the names that the events know them by. */
const SERVICE_TIERS: ReadonlyMap<unknown, string> = new Map([
  ['standard', 'default'],
  ['priority', 'priority'],
  ['batch', 'batch'],
]);

/**
 * Reads one Messages answer, a stream event by event or a plain one whole, and tells its sink what it says. Throws a
 * `GatewayError` for an error that the provider reports and for what breaks the rules of the dialect.
 */
export class AnswerEvents {
  private readonly blocks: BlockReader;
  private readonly report = new UsageReport();
  private begun = false;
  private done = false;
  private stopReason: unknown;
  private stopSequence = '';
  private hasDelta = false;

  constructor(private readonly sink: EventSink) {
    this.blocks = new BlockReader(sink);
  }

  get hasBegun(): boolean {
    return this.begun;
  }

  /** `message_stop` has come. */
  get isDone(): boolean {
    return this.done;
  }

  /** Reads one event of a stream. Types that are not known say nothing. */
  readEvent(payload: string): void {
    const event = parsedObject(payload);
    if (!event) throw brokenAnswer('sent an event that is not JSON');
    switch (event['type']) {
      case 'message_start':
        return this.start(asObject(event['message']));
      case 'content_block_start':
        return this.whileBegun().start(event['index'], event['content_block']);
      case 'content_block_delta':
        return this.whileBegun().delta(event['index'], event['delta']);
      case 'content_block_stop':
        return this.whileBegun().stop(event['index']);
      case 'message_delta':
        this.whileBegun();
        return this.readDelta(asObject(event['delta']) ?? {}, event['usage']);
      case 'message_stop':
        this.whileBegun();
        if (!this.hasDelta) throw brokenAnswer('ended its answer without saying why');
        return this.finish();
      default:
        if (event['type'] === 'error' || asObject(event['error'])) throw toErrorOfAnswer(event);
    }
  }

  /** Reads a plain answer. */
  readMessage(message: WireObject): void {
    const content = message['content'];
    if (message['type'] === 'error' || asObject(message['error'])) throw toErrorOfAnswer(message);
    if (message['type'] !== 'message' || !Array.isArray(content)) throw brokenAnswer('answered with something that is not a message');
    this.start(message);
    content.forEach((block, index) => {
      this.blocks.start(index, block);
      this.blocks.stop(index);
    });
    this.readDelta(message, message['usage']);
    this.finish();
  }

  private start(message: WireObject | undefined): void {
    if (this.begun) throw brokenAnswer('began its answer twice');
    this.begun = true;
    this.report.take(message?.['usage']);
    const model = asText(message?.['model']);
    const serviceTier = SERVICE_TIERS.get(asObject(message?.['usage'])?.['service_tier']);
    this.sink({ kind: 'start', ...(model === '' ? {} : { model }), ...(serviceTier === undefined ? {} : { serviceTier }) });
  }

  private whileBegun(): BlockReader {
    if (!this.begun) throw brokenAnswer('sent a part of its answer before it began it');
    return this.blocks;
  }

  private readDelta(delta: WireObject, usage: unknown): void {
    this.hasDelta = true;
    this.stopReason = delta['stop_reason'] ?? this.stopReason;
    this.stopSequence = asText(delta['stop_sequence']) || this.stopSequence;
    this.report.take(usage);
    // The figures of `message_start` are a beginning, not a result: they count only once the end has confirmed them.
    if (this.report.usage) this.sink({ kind: 'usage', usage: this.report.usage });
  }

  private finish(): void {
    this.blocks.finishAll();
    this.sink({
      kind: 'finish',
      choice: 0,
      reason: this.finishReason(),
      ...(this.stopSequence === '' ? {} : { stopSequence: this.stopSequence }),
    });
    this.done = true;
    this.sink({ kind: 'end' });
  }

  /** Some servers speak Anthropic's dialect and end every turn alike: a call is to be answered whatever they say. */
  private finishReason(): FinishReason {
    const reason = FINISH_REASONS.get(this.stopReason) ?? 'stop';
    return reason === 'stop' && this.blocks.hasToolCalls ? 'tool_calls' : reason;
  }
}
