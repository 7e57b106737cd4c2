import type { AnswerEncoder, AnswerEvent, FinishReason } from '../../core/answer-event.js';
import { NO_USAGE, type Usage } from '../../core/usage.js';
import type { AnswerTerms } from '../dialect.js';
import { toWireUsage } from './anthropic-messages.usage.js';
import { type AnswerBlock, AnswerBlocks, hasWholeArguments, signatureOf, toPlainBlock } from './answer-blocks.js';

const STOP_REASONS: Readonly<Record<FinishReason, string>> = {
  stop: 'end_turn',
  stop_sequence: 'stop_sequence',
  length: 'max_tokens',
  // Without a call there is nothing to answer.
  tool_calls: 'end_turn',
  content_filter: 'refusal',
  pause: 'pause_turn',
};

/** What both forms of an answer gather before it ends. */
abstract class MessageEncoder implements AnswerEncoder {
  protected readonly blocks = new AnswerBlocks();
  private model: string;
  private usage: Usage = NO_USAGE;
  private reason: FinishReason = 'stop';
  private stopSequence: string | null = null;
  private serviceTier: string | undefined;

  constructor(private readonly terms: AnswerTerms) {
    this.model = terms.model;
  }

  encode(event: AnswerEvent): string {
    if ('choice' in event && event.choice !== 0) return '';
    switch (event.kind) {
      case 'start':
        this.model = event.model ?? this.model;
        this.serviceTier = event.serviceTier;
        return this.begin();
      case 'usage':
        this.usage = event.usage;
        return '';
      case 'finish':
        this.reason = event.reason;
        this.stopSequence = event.stopSequence ?? null;
        return this.advance(true);
      case 'end':
        return this.advance(true) + this.end();
      default:
        this.blocks.add(event);
        return this.advance(false);
    }
  }

  protected abstract begin(): string;
  /** Writes what can be written; `isOver`: no part comes any more. */
  protected abstract advance(isOver: boolean): string;
  protected abstract end(): string;

  protected message(content: readonly unknown[], stop: Readonly<Record<string, unknown>>): Record<string, unknown> {
    const tier = this.serviceTier === undefined ? {} : { service_tier: this.serviceTier === 'priority' ? 'priority' : 'standard' };
    const { id } = this.terms;
    const head = { id: `msg_${id}`, type: 'message', role: 'assistant', model: this.model, content };
    return { ...head, ...stop, container: null, usage: { ...this.wireUsage(), ...tier } };
  }

  protected stop(): Record<string, unknown> {
    return { stop_reason: this.stopReason(), stop_sequence: this.stopSequence, stop_details: null };
  }

  protected wireUsage(): Record<string, unknown> {
    return toWireUsage(this.usage);
  }

  /** A call is there to be answered, whatever the provider said, unless the limit on the answer cut its arguments off. */
  private stopReason(): string {
    const calls = this.blocks.all.filter(({ start }) => start['type'] === 'tool_use');
    const isCut = this.reason === 'length' && calls.some((call) => !hasWholeArguments(call));
    if (calls.length > 0 && !isCut) return 'tool_use';
    return this.blocks.hasRefusal ? 'refusal' : STOP_REASONS[this.reason];
  }
}

/** Writes a plain answer: whole, when it has ended. */
export class MessagePlainEncoder extends MessageEncoder {
  protected begin(): string {
    return '';
  }

  protected advance(): string {
    return '';
  }

  protected end(): string {
    return JSON.stringify(this.message(this.blocks.all.map(toPlainBlock), this.stop()));
  }
}

/**
 * Writes a streamed answer. Blocks do not overlap: what belongs to a later one waits until the one that is open has all it
 * can get. `message_delta` waits for the end, since usage may come late.
 */
export class MessageStreamEncoder extends MessageEncoder {
  private index = 0;
  private isOpen = false;

  protected begin(): string {
    const stop = { stop_reason: null, stop_sequence: null, stop_details: null };
    return frame({ type: 'message_start', message: this.message([], stop) });
  }

  protected advance(isOver: boolean): string {
    let out = '';
    const { all } = this.blocks;
    for (let block = all[this.index]; block; block = all[this.index]) {
      if (!this.isOpen) out += frame({ type: 'content_block_start', index: this.index, content_block: block.start });
      this.isOpen = true;
      for (const delta of block.deltas.splice(0)) out += this.delta(delta);
      if (!isOver && !isComplete(block, all[this.index + 1])) break;
      if (block.start['type'] === 'thinking') out += this.delta({ type: 'signature_delta', signature: signatureOf(block) });
      out += frame({ type: 'content_block_stop', index: this.index });
      this.isOpen = false;
      this.index++;
    }
    return out;
  }

  protected end(): string {
    return frame({ type: 'message_delta', delta: this.stop(), usage: this.wireUsage() }) + frame({ type: 'message_stop' });
  }

  private delta(delta: Readonly<Record<string, unknown>>): string {
    return frame({ type: 'content_block_delta', index: this.index, delta });
  }
}

/** Text and thoughts grow only while they are the last block; a call's pieces may come after another has begun. */
function isComplete(block: AnswerBlock, next: AnswerBlock | undefined): boolean {
  switch (block.start['type']) {
    case 'tool_use':
      return next !== undefined && hasWholeArguments(block);
    case 'thinking':
      return next !== undefined || block.signature !== undefined;
    case 'redacted_thinking':
      return true;
    default:
      return next !== undefined;
  }
}

function frame(event: { readonly type: string; readonly [key: string]: unknown }): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
