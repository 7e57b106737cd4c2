import type { AnswerEncoder, AnswerEvent, FinishReason } from '../../core/answer-event.js';
import { inputTokensOf, outputTokensOf, type Usage } from '../../core/usage.js';
import type { AnswerTerms } from '../dialect.js';
import type { OllamaMessage, OllamaToolCall } from './ollama.wire.js';
import { toArguments } from './json-object.js';

/** Writes an answer as `/api/chat` does. There is one answer only: others are not written. */
export function encoderFor(terms: AnswerTerms): AnswerEncoder {
  return new OllamaEncoder(terms);
}

/** What a line says of a message. */
type Piece = Partial<Pick<OllamaMessage, 'content' | 'thinking' | 'tool_calls'>> & { readonly logprobs?: readonly unknown[] };

class OllamaEncoder implements AnswerEncoder {
  private model: string;
  private readonly createdAt: string;
  private readonly calls: { readonly id: string; readonly name: string; text: string }[] = [];
  private content = '';
  private thinking = '';
  private readonly logprobs: unknown[] = [];
  private reason: FinishReason = 'stop';
  private usage: Usage | undefined;

  constructor(private readonly terms: AnswerTerms) {
    this.model = terms.model;
    this.createdAt = new Date(terms.createdSeconds * 1000).toISOString();
  }

  encode(event: AnswerEvent): string {
    if ('choice' in event && event.choice !== 0) return '';
    switch (event.kind) {
      case 'start':
        this.model = event.model ?? this.model;
        return '';
      case 'text':
        return this.say({ content: event.text, logprobs: event.logprobs });
      case 'refusal':
        return this.say({ content: event.text });
      case 'reasoning':
        return this.say({ thinking: event.text });
      case 'tool_call':
        this.calls[event.call] = { id: event.id, name: event.name, text: '' };
        return '';
      case 'tool_arguments':
        this.calls[event.call]!.text += event.text;
        return '';
      case 'finish':
        this.reason = event.reason;
        return this.finish();
      case 'usage':
        this.usage = event.usage;
        return '';
      case 'end':
        return this.last();
      case 'citation':
      case 'reasoning_proof':
        // Ollama has no place for either.
        return '';
    }
  }

  private say({ content = '', thinking = '', logprobs = [] }: Piece): string {
    if (this.terms.stream) return this.line({ content, ...(thinking !== '' && { thinking }) }, logprobs);
    this.content += content;
    this.thinking += thinking;
    this.logprobs.push(...logprobs);
    return '';
  }

  /** A call is said whole, so that nothing is said before all its pieces are there. */
  private finish(): string {
    if (!this.terms.stream || this.calls.length === 0) return '';
    return this.line({ content: '', tool_calls: this.calls.map(toToolCall) }, []);
  }

  private line(message: Omit<OllamaMessage, 'role'>, logprobs: readonly unknown[]): string {
    return `${JSON.stringify({ ...this.head(message), done: false, ...(logprobs.length > 0 && { logprobs }) })}\n`;
  }

  private last(): string {
    const message: Omit<OllamaMessage, 'role'> = {
      content: this.content,
      ...(this.thinking !== '' && { thinking: this.thinking }),
      ...(!this.terms.stream && this.calls.length > 0 && { tool_calls: this.calls.map(toToolCall) }),
    };
    const last = {
      ...this.head(message),
      done: true,
      done_reason: this.reason === 'length' ? 'length' : 'stop',
      ...(this.logprobs.length > 0 && { logprobs: this.logprobs }),
      ...(this.usage && { prompt_eval_count: inputTokensOf(this.usage), eval_count: outputTokensOf(this.usage) }),
    };
    return JSON.stringify(last) + (this.terms.stream ? '\n' : '');
  }

  private head(message: Omit<OllamaMessage, 'role'>): Record<string, unknown> {
    return { model: this.model, created_at: this.createdAt, message: { role: 'assistant', ...message } };
  }
}

function toToolCall({ id, name, text }: { id: string; name: string; text: string }, index: number): OllamaToolCall {
  return { id, function: { index, name, arguments: toArguments(text) } };
}
