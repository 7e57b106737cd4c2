import type { Citation, EventSink } from '../../core/answer-event.js';
import { fromRedacted, fromSignature } from './thinking-proof.js';
import { asObject, asText, brokenAnswer, type WireObject } from './wire-event.js';

/** A content block that has begun and not ended. Blocks that are not for the caller (hosted tools) are read and left out. */
type Block =
  { readonly type: 'tool_use'; readonly call: number; readonly input: unknown; hasArguments: boolean } | { readonly type: 'other' };

/** Reads the content blocks of one answer, whole ones of a plain answer and those that grow by deltas. */
export class BlockReader {
  private readonly open = new Map<number, Block>();
  private readonly seen = new Set<number>();
  private calls = 0;

  constructor(private readonly sink: EventSink) {}

  get hasToolCalls(): boolean {
    return this.calls > 0;
  }

  /** Begins a block. What stands in it already (all of it, in a plain answer) is told at once. */
  start(index: unknown, wire: unknown): void {
    const content = asObject(wire);
    if (typeof index !== 'number' || !content) throw brokenAnswer('sent a content block without its index or content');
    if (this.seen.has(index)) throw brokenAnswer('sent two content blocks with the same index');
    this.seen.add(index);
    this.open.set(index, this.begin(content));
  }

  delta(index: unknown, wire: unknown): void {
    const block = this.openBlock(index);
    const delta = asObject(wire) ?? {};
    switch (delta['type']) {
      case 'text_delta':
        return this.tellText(delta['text']);
      case 'thinking_delta':
        return this.tellThinking(delta['thinking']);
      case 'signature_delta':
        return this.tellSignature(delta['signature']);
      case 'citations_delta':
        return this.tellCitation(delta['citation']);
      case 'input_json_delta':
        return this.tellArguments(block, asText(delta['partial_json']));
      default:
    }
  }

  stop(index: unknown): void {
    const block = this.openBlock(index);
    this.finish(block);
    this.open.delete(index as number);
  }

  /** Ends the blocks that nobody ended. */
  finishAll(): void {
    for (const block of this.open.values()) this.finish(block);
    this.open.clear();
  }

  private openBlock(index: unknown): Block {
    const block = this.open.get(index as number);
    if (!block) throw brokenAnswer('sent a part of a content block that is not open');
    return block;
  }

  private begin(content: WireObject): Block {
    switch (content['type']) {
      case 'text':
        this.tellText(content['text']);
        if (Array.isArray(content['citations'])) content['citations'].forEach((citation) => this.tellCitation(citation));
        break;
      case 'thinking':
        this.tellThinking(content['thinking']);
        this.tellSignature(content['signature']);
        break;
      case 'redacted_thinking':
        this.sink({ kind: 'reasoning_proof', choice: 0, proof: fromRedacted(asText(content['data'])) });
        break;
      case 'tool_use':
        return this.beginCall(content);
      default:
    }
    return { type: 'other' };
  }

  private beginCall({ id, name, input }: WireObject): Block {
    if (typeof id !== 'string' || typeof name !== 'string') throw brokenAnswer('sent a tool call without its id or name');
    const call = this.calls++;
    this.sink({ kind: 'tool_call', choice: 0, call, id, name });
    return { type: 'tool_use', call, input, hasArguments: false };
  }

  private tellArguments(block: Block, text: string): void {
    if (block.type !== 'tool_use' || text === '') return;
    block.hasArguments = true;
    this.sink({ kind: 'tool_arguments', choice: 0, call: block.call, text });
  }

  /** A call without pieces has its arguments in its beginning, or none: arguments are never empty. */
  private finish(block: Block): void {
    if (block.type === 'tool_use' && !block.hasArguments) this.tellArguments(block, JSON.stringify(asObject(block.input) ?? {}));
  }

  private tellText(text: unknown): void {
    if (asText(text) !== '') this.sink({ kind: 'text', choice: 0, text: asText(text) });
  }

  private tellThinking(text: unknown): void {
    if (asText(text) !== '') this.sink({ kind: 'reasoning', choice: 0, text: asText(text) });
  }

  private tellSignature(signature: unknown): void {
    const proof = fromSignature(asText(signature));
    if (proof) this.sink({ kind: 'reasoning_proof', choice: 0, proof });
  }

  private tellCitation(wire: unknown): void {
    const { url, title, document_title, cited_text } = asObject(wire) ?? {};
    const name = asText(title) || asText(document_title);
    const citation: Citation = {
      ...(asText(url) === '' ? {} : { url: asText(url) }),
      ...(name === '' ? {} : { title: name }),
      ...(asText(cited_text) === '' ? {} : { citedText: asText(cited_text) }),
    };
    if (Object.keys(citation).length > 0) this.sink({ kind: 'citation', choice: 0, citation });
  }
}
