import type { AnswerEncoder, AnswerEvent } from '../../core/answer-event.js';
import type { Usage } from '../../core/usage.js';
import type { AnswerTerms } from '../dialect.js';
import { toWireFinish } from './finish-reason.js';
import { headOf } from './openai-chat.answer-head.js';
import { type CallStyle, callStyleOf, ChoiceState } from './openai-chat.choice-state.js';
import { toWireUsage } from './openai-chat.wire-usage.js';

type EventOf<Kind extends AnswerEvent['kind']> = Extract<AnswerEvent, { kind: Kind }>;

class StreamedChoice extends ChoiceState {
  hasRole = false;
}

/**
 * Writes an answer as the chunks of a stream. Finishes and usage are held until the answer ends: providers report usage when
 * they like, and here it comes last.
 */
export class ChatStreamEncoder implements AnswerEncoder {
  private readonly choices = new Map<number, StreamedChoice>();
  private readonly style: CallStyle;
  /** What every chunk ends with after its choices. */
  private readonly tail: string;
  private head: string;
  private usage: Usage | undefined;

  constructor(private readonly terms: AnswerTerms) {
    this.style = callStyleOf(terms.request);
    this.tail = terms.wantsUsage ? ',"usage":null}\n\n' : '}\n\n';
    this.head = this.headFor({ kind: 'start' });
  }

  encode(event: AnswerEvent): string {
    switch (event.kind) {
      case 'start':
        this.head = this.headFor(event);
        return '';
      case 'text':
        return this.text(event);
      case 'reasoning':
        return this.thought(event);
      case 'reasoning_proof':
        this.choiceOf(event.choice).closeThought(event.proof);
        return '';
      case 'refusal':
        return this.delta(event.choice, `"refusal":${JSON.stringify(event.text)}`);
      case 'citation':
        return this.citation(event);
      case 'tool_call':
        return this.toolCall(event);
      case 'tool_arguments':
        return this.toolArguments(event);
      case 'finish':
        this.choiceOf(event.choice).reason = event.reason;
        return '';
      case 'usage':
        this.usage = event.usage;
        return '';
      case 'end':
        return this.end();
      default:
        return event satisfies never;
    }
  }

  private text({ choice, text, logprobs }: EventOf<'text'>): string {
    this.choiceOf(choice).addText(text);
    const probabilities = logprobs && `{"content":${JSON.stringify(logprobs)},"refusal":null}`;
    return this.delta(choice, `"content":${JSON.stringify(text)}`, probabilities);
  }

  private thought({ choice, text }: EventOf<'reasoning'>): string {
    const state = this.choiceOf(choice);
    state.addThought(text);
    return this.role(choice, state, '""') + this.chunk(choice, `"reasoning_content":${JSON.stringify(text)}`);
  }

  private citation({ choice, citation }: EventOf<'citation'>): string {
    const annotation = this.choiceOf(choice).annotationOf(citation);
    return annotation ? this.delta(choice, `"annotations":${JSON.stringify([annotation])}`) : '';
  }

  private toolCall({ choice, call, id, name, isCustom = false }: EventOf<'tool_call'>): string {
    const state = this.choiceOf(choice);
    const role = this.role(choice, state, 'null') + this.details(choice, state);
    state.calls.set(call, isCustom);
    if (this.style === 'function_call') {
      // Its answer has room for one call.
      return call === 0 ? role + this.chunk(choice, `"function_call":{"name":${JSON.stringify(name)},"arguments":""}`) : role;
    }
    const inner = isCustom
      ? `"type":"custom","custom":{"name":${JSON.stringify(name)},"input":""}`
      : `"type":"function","function":{"name":${JSON.stringify(name)},"arguments":""}`;
    return role + this.chunk(choice, `"tool_calls":[{"index":${call},"id":${JSON.stringify(id)},${inner}}]`);
  }

  private toolArguments({ choice, call, text }: EventOf<'tool_arguments'>): string {
    const piece = JSON.stringify(text);
    if (this.style === 'function_call') return call === 0 ? this.chunk(choice, `"function_call":{"arguments":${piece}}`) : '';
    const inner = this.choiceOf(choice).calls.get(call) ? `"custom":{"input":${piece}}` : `"function":{"arguments":${piece}}`;
    return this.chunk(choice, `"tool_calls":[{"index":${call},${inner}}]`);
  }

  private end(): string {
    let out = '';
    for (const [choice, state] of this.choices) {
      const reason = toWireFinish(state.reason ?? 'stop', state.calls.size > 0 ? this.style : undefined);
      out += this.role(choice, state, '""') + this.details(choice, state) + this.chunk(choice, '', 'null', `"${reason}"`);
    }
    if (this.terms.wantsUsage && this.usage) {
      out += `${this.head},"choices":[],"usage":${JSON.stringify(toWireUsage(this.usage))}}\n\n`;
    }
    return `${out}data: [DONE]\n\n`;
  }

  private delta(choice: number, members: string, logprobs?: string): string {
    const state = this.choiceOf(choice);
    return this.role(choice, state, '""') + this.details(choice, state) + this.chunk(choice, members, logprobs);
  }

  /** Thoughts that follow each other go in one chunk: clients that do not know the member keep its last value alone. */
  private details(choice: number, state: StreamedChoice): string {
    if (state.details.length === 0) return '';
    const details = JSON.stringify(state.details);
    state.details = [];
    return this.chunk(choice, `"reasoning_details":${details}`);
  }

  /** The chunk that begins a choice; `content` is null where a tool is called first. */
  private role(choice: number, state: StreamedChoice, content: '""' | 'null'): string {
    if (state.hasRole) return '';
    state.hasRole = true;
    return this.chunk(choice, `"role":"assistant","content":${content},"refusal":null`);
  }

  private chunk(choice: number, members: string, logprobs = 'null', reason = 'null'): string {
    return `${this.head},"choices":[{"index":${choice},"delta":{${members}},"logprobs":${logprobs},"finish_reason":${reason}}]${this.tail}`;
  }

  private choiceOf(choice: number): StreamedChoice {
    let state = this.choices.get(choice);
    if (state === undefined) {
      state = new StreamedChoice();
      this.choices.set(choice, state);
    }
    return state;
  }

  /** How every chunk begins: a frame's `data:` and an object that is still open. */
  private headFor(start: EventOf<'start'>): string {
    return `data: ${JSON.stringify(headOf('chat.completion.chunk', this.terms, start)).slice(0, -1)}`;
  }
}
