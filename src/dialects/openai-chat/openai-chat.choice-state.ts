import type { Citation, FinishReason } from '../../core/answer-event.js';
import type { ReasoningProof } from '../../core/conversation.js';
import { type ReasoningDetail, toClientDetails } from './reasoning-details.js';
import { listOf, objectOf } from './wire-value.js';

/** By what name a client calls its tools, and is told of calls. */
export type CallStyle = 'tool_calls' | 'function_call';

/** A client that sends the deprecated `functions` waits for `function_call`. */
export function callStyleOf(request: unknown): CallStyle {
  const body = objectOf(request);
  return listOf(body['functions']).length > 0 && listOf(body['tools']).length === 0 ? 'function_call' : 'tool_calls';
}

export interface Annotation {
  readonly type: 'url_citation';
  readonly url_citation: Readonly<Record<string, string | number | undefined>>;
}

/** What must be remembered of a choice while its answer is written, streamed or not. */
export class ChoiceState {
  reason: FinishReason | undefined;
  /** The numbers of the tool calls, and whether each is of a custom tool. */
  readonly calls = new Map<number, boolean>();
  /** The thoughts that a proof has closed, as a client is to send them back. */
  details: ReasoningDetail[] = [];
  private thought = '';
  private textLength = 0;
  /** The stretch of text that the last citations speak of. */
  private cited = { start: 0, end: 0 };

  addThought(text: string): void {
    this.thought += text;
  }

  addText(text: string): void {
    this.textLength += text.length;
  }

  closeThought(proof: ReasoningProof): void {
    this.details.push(...toClientDetails({ kind: 'reasoning', text: this.thought, proof }));
    this.thought = '';
  }

  /** A citation speaks of the text since the last one; `undefined` for one of a document, which has no address. */
  annotationOf({ url, title, citedText }: Citation): Annotation | undefined {
    if (url === undefined) return undefined;
    if (this.textLength > this.cited.end) this.cited = { start: this.cited.end, end: this.textLength };
    const place = { start_index: this.cited.start, end_index: this.cited.end };
    return { type: 'url_citation', url_citation: { url, title: title ?? '', ...place, content: citedText } };
  }
}
