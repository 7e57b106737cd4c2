import type { AnswerEvent, Citation } from '../../core/answer-event.js';
import type { ReasoningProof } from '../../core/conversation.js';
import { toolInput } from './message-encoder.js';
import { toRedacted, toSignature } from './thinking-proof.js';
import { toToolUseId } from './tool-use-id.js';

/** A content block of an answer to a client, as far as it is known. */
export interface AnswerBlock {
  /** How the block begins in a stream. */
  readonly start: Readonly<Record<string, unknown>>;
  /** Text, thought, or the JSON text of arguments. */
  text: string;
  readonly citations: unknown[];
  /** Of a thought, once its proof has come. */
  signature: string | undefined;
  /** Deltas that are not yet written; of no interest to a plain answer. */
  deltas: Readonly<Record<string, unknown>>[];
}

/** Sorts what an answer says into content blocks, in the order in which they began. */
export class AnswerBlocks {
  readonly all: AnswerBlock[] = [];
  private readonly calls = new Map<number, AnswerBlock>();
  private refused = false;

  /** A model that refuses says so in a text of its own. */
  get hasRefusal(): boolean {
    return this.refused;
  }

  /** Takes a part of the first choice; Anthropic's dialect has no others. */
  add(event: AnswerEvent): void {
    switch (event.kind) {
      case 'refusal':
        this.refused = true;
        return this.addText(event.text);
      case 'text':
        return this.addText(event.text);
      case 'citation':
        return this.addCitation(event.citation);
      case 'reasoning':
        return this.addThinking(event.text);
      case 'reasoning_proof':
        return this.addProof(event.proof);
      case 'tool_call':
        if (this.calls.has(event.call)) return;
        this.calls.set(event.call, this.begin({ type: 'tool_use', id: toToolUseId(event.id), name: event.name, input: {} }));
        return;
      case 'tool_arguments':
        return grow(this.calls.get(event.call), event.text, { type: 'input_json_delta', partial_json: event.text });
      default:
    }
  }

  private addText(text: string): void {
    if (text !== '') grow(this.last('text') ?? this.begin({ type: 'text', text: '' }), text, { type: 'text_delta', text });
  }

  /** Only a place on the web can be cited: the others are places in documents that the answering provider does not name. */
  private addCitation({ url, title, citedText }: Citation): void {
    const block = this.last('text');
    if (!block || url === undefined) return;
    const citation = { type: 'web_search_result_location', url, title: title ?? null, cited_text: citedText ?? '', encrypted_index: '' };
    block.citations.push(citation);
    block.deltas.push({ type: 'citations_delta', citation });
  }

  private addThinking(thinking: string): void {
    if (thinking === '') return;
    const open = this.last('thinking');
    const block = open?.signature === undefined ? open : undefined;
    grow(block ?? this.beginThinking(), thinking, { type: 'thinking_delta', thinking });
  }

  private addProof(proof: ReasoningProof): void {
    if (proof.kind === 'redacted') {
      this.begin({ type: 'redacted_thinking', data: toRedacted(proof) });
      return;
    }
    const open = this.last('thinking');
    const block = open?.signature === undefined ? open : undefined;
    (block ?? this.beginThinking()).signature = toSignature(proof);
  }

  private beginThinking(): AnswerBlock {
    return this.begin({ type: 'thinking', thinking: '', signature: '' });
  }

  private begin(start: AnswerBlock['start']): AnswerBlock {
    const block: AnswerBlock = { start, text: '', citations: [], signature: undefined, deltas: [] };
    this.all.push(block);
    return block;
  }

  private last(type: string): AnswerBlock | undefined {
    const last = this.all.at(-1);
    return last?.start['type'] === type ? last : undefined;
  }
}

function grow(block: AnswerBlock | undefined, text: string, delta: Readonly<Record<string, unknown>>): void {
  if (!block || text === '') return;
  block.text += text;
  block.deltas.push(delta);
}

/** The signature that closes a thought; one without a proof is marked as unsigned. */
export function signatureOf({ signature }: AnswerBlock): string {
  return signature ?? toSignature(undefined);
}

/** Do the arguments of a call stand there as a whole? Then no more of them can come. */
export function hasWholeArguments({ text }: AnswerBlock): boolean {
  if (!text.trimEnd().endsWith('}')) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** A block as it stands in a plain answer. */
export function toPlainBlock(block: AnswerBlock): Record<string, unknown> {
  const { start, text, citations } = block;
  switch (start['type']) {
    case 'text':
      return { ...start, text, ...(citations.length === 0 ? {} : { citations }) };
    case 'thinking':
      return { ...start, thinking: text, signature: signatureOf(block) };
    case 'tool_use':
      return { ...start, input: toolInput(text) };
    default:
      return { ...start };
  }
}
