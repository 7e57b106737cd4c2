import type { AnswerEncoder, AnswerEvent } from '../../core/answer-event.js';
import type { Usage } from '../../core/usage.js';
import type { AnswerTerms } from '../dialect.js';
import { toWireFinish } from './finish-reason.js';
import { type AnswerHead, headOf } from './openai-chat.answer-head.js';
import { type Annotation, type CallStyle, callStyleOf, ChoiceState } from './openai-chat.choice-state.js';
import { toWireUsage } from './openai-chat.wire-usage.js';

interface PlainCall {
  readonly id: string;
  readonly name: string;
  readonly isCustom: boolean;
  arguments: string;
}

class PlainChoice extends ChoiceState {
  text = '';
  thoughts = '';
  refusal = '';
  readonly plainCalls: PlainCall[] = [];
  readonly annotations: Annotation[] = [];
  readonly logprobs: unknown[] = [];
}

/** Collects an answer and writes it as one completion when it ends. */
export class ChatPlainEncoder implements AnswerEncoder {
  private readonly choices = new Map<number, PlainChoice>();
  private readonly style: CallStyle;
  private head: AnswerHead;
  private usage: Usage | undefined;

  constructor(private readonly terms: AnswerTerms) {
    this.style = callStyleOf(terms.request);
    this.head = headOf('chat.completion', terms, { kind: 'start' });
  }

  encode(event: AnswerEvent): string {
    switch (event.kind) {
      case 'start':
        this.head = headOf('chat.completion', this.terms, event);
        return '';
      case 'usage':
        this.usage = event.usage;
        return '';
      case 'end':
        return JSON.stringify(this.completion());
      default:
        keep(this.choiceOf(event.choice), event);
        return '';
    }
  }

  private completion(): object {
    const choices = [...this.choices].map(([index, choice]) => ({
      index,
      message: messageOf(choice, this.style),
      logprobs: choice.logprobs.length > 0 ? { content: choice.logprobs, refusal: null } : null,
      finish_reason: toWireFinish(choice.reason ?? 'stop', choice.calls.size > 0 ? this.style : undefined),
    }));
    return { ...this.head, choices, usage: this.usage && toWireUsage(this.usage) };
  }

  private choiceOf(index: number): PlainChoice {
    let choice = this.choices.get(index);
    if (choice === undefined) {
      choice = new PlainChoice();
      this.choices.set(index, choice);
    }
    return choice;
  }
}

function keep(choice: PlainChoice, event: Extract<AnswerEvent, { choice: number }>): void {
  switch (event.kind) {
    case 'text':
      choice.text += event.text;
      choice.addText(event.text);
      if (event.logprobs) choice.logprobs.push(...event.logprobs);
      break;
    case 'reasoning':
      choice.thoughts += event.text;
      choice.addThought(event.text);
      break;
    case 'reasoning_proof':
      choice.closeThought(event.proof);
      break;
    case 'refusal':
      choice.refusal += event.text;
      break;
    case 'citation': {
      const annotation = choice.annotationOf(event.citation);
      if (annotation) choice.annotations.push(annotation);
      break;
    }
    case 'tool_call':
      choice.calls.set(event.call, event.isCustom === true);
      choice.plainCalls[event.call] = { id: event.id, name: event.name, isCustom: event.isCustom === true, arguments: '' };
      break;
    case 'tool_arguments':
      choice.plainCalls[event.call]!.arguments += event.text;
      break;
    case 'finish':
      choice.reason = event.reason;
      break;
    default:
      event satisfies never;
  }
}

function messageOf(choice: PlainChoice, style: CallStyle): object {
  const { text, refusal, thoughts, details, annotations, plainCalls } = choice;
  const isSilent = text === '' && (plainCalls.length > 0 || refusal !== '');
  return {
    role: 'assistant',
    content: isSilent ? null : text,
    refusal: refusal === '' ? null : refusal,
    annotations: annotations.length > 0 ? annotations : undefined,
    reasoning_content: thoughts === '' ? undefined : thoughts,
    reasoning_details: details.length > 0 ? details : undefined,
    ...callsOf(plainCalls, style),
  };
}

function callsOf(calls: readonly PlainCall[], style: CallStyle): object {
  const first = calls[0];
  if (first === undefined) return {};
  if (style === 'function_call') return { function_call: { name: first.name, arguments: first.arguments } };
  return { tool_calls: calls.map(toWireCall) };
}

function toWireCall({ id, name, isCustom, arguments: text }: PlainCall): object {
  if (isCustom) return { id, type: 'custom', custom: { name, input: text } };
  return { id, type: 'function', function: { name, arguments: text } };
}
