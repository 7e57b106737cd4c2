import type { AnswerEncoder, AnswerEvent, FinishReason } from '../../core/answer-event.js';
import type { ReasoningProof } from '../../core/conversation.js';
import type { Usage } from '../../core/usage.js';
import type { AnswerTerms } from '../dialect.js';
import { type CallHead, CallOutput } from './call-output.js';
import { MessageOutput } from './message-output.js';
import { toWireUsage } from './openai-responses.usage.js';
import type { ItemStatus, OutputItem, Place } from './output-item.js';
import { ReasoningOutput } from './reasoning-output.js';
import { type Progress, toResponse } from './response-object.js';

/** Why a response is incomplete, by the reason that its model stopped for; it is complete for every other. */
const INCOMPLETE: Partial<Record<FinishReason, Progress['reason']>> = {
  length: 'max_output_tokens',
  content_filter: 'content_filter',
};

/**
 * Writes an answer as Responses events, or as the response object that they end with. A message or a thought is closed when
 * something else begins; tool calls stay open to the end, for pieces of their arguments may come in any order, and clients go
 * by `output_index`. The last event waits for `end`, since the usage report comes after the model has stopped.
 */
export class ResponsesEncoder implements AnswerEncoder {
  private out = '';
  private sequence = 0;
  private model: string;
  private serviceTier: string | undefined;
  private usage: Usage | undefined;
  private reason: Progress['reason'];
  private readonly output: Readonly<Record<string, unknown>>[] = [];
  private readonly calls = new Map<number, CallOutput>();
  private readonly openCalls: { readonly index: number; readonly call: CallOutput }[] = [];
  private message: MessageOutput | undefined;
  private thought: ReasoningOutput | undefined;
  /** The place in the output of the message or thought that is open. */
  private index = 0;
  private begun = 0;

  constructor(private readonly terms: AnswerTerms) {
    this.model = terms.model;
  }

  encode(event: AnswerEvent): string {
    // This dialect has one answer; whoever asks for more is refused before.
    if ((!('choice' in event) || event.choice === 0) && !saysNothing(event)) this.write(event);
    const { out } = this;
    this.out = '';
    return out;
  }

  private write(event: AnswerEvent): void {
    switch (event.kind) {
      case 'start':
        return this.start(event.model, event.serviceTier);
      case 'text':
        return this.openMessage().addText(event.text, event.logprobs);
      case 'refusal':
        return this.openMessage().addRefusal(event.text);
      case 'citation':
        return this.openMessage().cite(event.citation);
      case 'reasoning':
        return this.openThought().add(event.text);
      case 'reasoning_proof':
        return this.prove(event.proof);
      case 'tool_call':
        return this.openCall(event.call, event);
      case 'tool_arguments':
        return this.calls.get(event.call)?.add(event.text);
      case 'finish':
        this.reason = INCOMPLETE[event.reason];
        return this.closeAll();
      case 'usage':
        this.usage = event.usage;
        return;
      case 'end':
        return this.end();
      default:
        return event satisfies never;
    }
  }

  private start(model: string | undefined, serviceTier: string | undefined): void {
    this.model = model ?? this.model;
    this.serviceTier = serviceTier;
    if (!this.terms.stream) return;
    const response = toResponse(this.terms, this.progress('in_progress'));
    this.emit('response.created', { response });
    this.emit('response.in_progress', { response });
  }

  private openMessage(): MessageOutput {
    if (!this.message) {
      this.closeCurrent('completed');
      const place = this.nextPlace();
      this.index = place.index;
      this.message = new MessageOutput(this.itemId('msg', place), place);
    }
    return this.message;
  }

  private openThought(id?: string): ReasoningOutput {
    if (!this.thought) {
      this.closeCurrent('completed');
      const place = this.nextPlace();
      this.index = place.index;
      this.thought = new ReasoningOutput(id ?? this.itemId('rs', place), place);
    }
    return this.thought;
  }

  /** OpenAI binds its own proof to the id of the item, which is still free where the proof comes alone. */
  private prove(proof: ReasoningProof): void {
    this.openThought(proof.maker === 'openai' ? proof.id : undefined).prove(proof);
    this.closeCurrent('completed');
  }

  private openCall(number: number, head: CallHead): void {
    this.closeCurrent('completed');
    const place = this.nextPlace();
    const call = new CallOutput(this.itemId(head.isCustom ? 'ctc' : 'fc', place), head, place);
    this.calls.set(number, call);
    this.openCalls.push({ index: place.index, call });
  }

  private closeAll(): void {
    // What was being written when the model was cut is what is incomplete.
    const statusAt = (index: number): ItemStatus => (this.reason && index === this.begun - 1 ? 'incomplete' : 'completed');
    for (const { index, call } of this.openCalls.splice(0)) this.output[index] = call.close(statusAt(index));
    this.closeCurrent(statusAt(this.index));
  }

  private closeCurrent(status: ItemStatus): void {
    const current: OutputItem | undefined = this.message ?? this.thought;
    if (!current) return;
    this.message = undefined;
    this.thought = undefined;
    this.output[this.index] = current.close(status);
  }

  private end(): void {
    this.closeAll();
    const status = this.reason ? 'incomplete' : 'completed';
    const response = toResponse(this.terms, this.progress(status));
    if (this.terms.stream) this.emit(`response.${status}`, { response });
    else this.out += JSON.stringify(response);
  }

  private progress(status: Progress['status']): Progress {
    const { model, serviceTier, output, reason, usage } = this;
    return { status, reason, output, usage: usage ? toWireUsage(usage) : null, model, serviceTier };
  }

  private nextPlace(): Place {
    return { index: this.begun++, emit: (type, fields) => this.emit(type, fields) };
  }

  private itemId(prefix: string, { index }: Place): string {
    return `${prefix}_${this.terms.id}_${index}`;
  }

  private emit(type: string, fields: Readonly<Record<string, unknown>>): void {
    if (!this.terms.stream) return;
    this.out += `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: this.sequence++, ...fields })}\n\n`;
  }
}

/** An empty text would open a message for nothing. */
function saysNothing(event: AnswerEvent): boolean {
  return 'text' in event && event.text === '';
}
