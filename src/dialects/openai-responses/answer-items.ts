import type { Citation, EventSink } from '../../core/answer-event.js';
import { GatewayError } from '../../core/errors.js';
import { fromEncrypted } from './reasoning-item.js';
import { compact, isObject, listOf, objectsOf, stringOf, type WireObject } from './wire-values.js';

/** What has come of one output item. Keys of `seen`: the kind of a part and its index. */
interface OpenItem {
  readonly type: unknown;
  readonly seen: Map<string, string>;
  /** Its place among the tool calls. */
  readonly call: number;
  /** Citations that were told, by the index of the part. */
  readonly cited: Map<number, number>;
  done: boolean;
}

/** The kinds of text that an item is made of, by the events that bring a piece of one and the whole of it. */
const TEXTS: Readonly<Record<string, readonly [kind: Kind, isWhole: boolean, member: string]>> = {
  'response.output_text.delta': ['text', false, 'delta'],
  'response.output_text.done': ['text', true, 'text'],
  'response.refusal.delta': ['refusal', false, 'delta'],
  'response.refusal.done': ['refusal', true, 'refusal'],
  'response.reasoning_summary_text.delta': ['summary', false, 'delta'],
  'response.reasoning_summary_text.done': ['summary', true, 'text'],
  'response.reasoning_text.delta': ['thought', false, 'delta'],
  'response.reasoning_text.done': ['thought', true, 'text'],
  'response.function_call_arguments.delta': ['arguments', false, 'delta'],
  'response.function_call_arguments.done': ['arguments', true, 'arguments'],
  'response.custom_tool_call_input.delta': ['arguments', false, 'delta'],
  'response.custom_tool_call_input.done': ['arguments', true, 'input'],
};
type Kind = 'text' | 'refusal' | 'summary' | 'thought' | 'arguments';

/**
 * Reads output items, in pieces or whole, and tells each thing once: the whole of a text that comes after its pieces adds only
 * what the pieces lacked. Throws `upstream_protocol` for events that do not fit together.
 */
export class AnswerItems {
  hasCalls = false;
  private readonly items = new Map<number, OpenItem>();
  private calls = 0;

  constructor(private readonly sink: EventSink) {}

  get count(): number {
    return this.items.size;
  }

  read(event: WireObject): void {
    const type = String(event['type']);
    const text = Object.hasOwn(TEXTS, type) ? TEXTS[type] : undefined;
    if (text) return this.readText(event, ...text);
    if (type === 'response.output_item.added') this.open(event['item'], indexOf(event));
    else if (type === 'response.output_item.done') this.close(event['item'], indexOf(event));
    else if (type === 'response.output_text.annotation.added') {
      this.cite(this.itemOf(event), Number(event['content_index'] ?? 0), event['annotation']);
    }
  }

  addWhole(item: unknown, index: number): void {
    this.close(item, index);
  }

  private open(wire: unknown, index: number): OpenItem {
    if (this.items.has(index)) throw unfit('began the same output item twice');
    if (!isObject(wire)) throw unfit('sent an output item that is none');
    const { type } = wire;
    const isCall = type === 'function_call' || type === 'custom_tool_call';
    const item: OpenItem = { type, seen: new Map(), call: isCall ? this.calls++ : -1, cited: new Map(), done: false };
    this.items.set(index, item);
    if (isCall) this.openCall(wire, item.call);
    return item;
  }

  private openCall(wire: WireObject, call: number): void {
    const { call_id: id, name, type } = wire;
    if (typeof id !== 'string' || typeof name !== 'string') throw unfit('sent a tool call without an id or a name');
    this.hasCalls = true;
    this.sink({ kind: 'tool_call', choice: 0, call, id, name, ...(type === 'custom_tool_call' ? { isCustom: true } : {}) });
  }

  /** An item that was never begun comes whole. */
  private close(wire: unknown, index: number): void {
    const item = this.items.get(index) ?? this.open(wire, index);
    if (item.done) throw unfit('ended the same output item twice');
    if (!isObject(wire) || wire['type'] !== item.type) throw unfit('ended an output item as another');
    item.done = true;
    switch (wire['type']) {
      case 'message':
        return objectsOf(wire['content']).forEach((part, i) => this.closePart(item, part, i));
      case 'function_call':
        return this.complete(item, 'arguments', 0, wire['arguments']);
      case 'custom_tool_call':
        return this.complete(item, 'arguments', 0, wire['input']);
      case 'reasoning':
        return this.closeReasoning(item, wire);
      default:
    }
  }

  private closePart(item: OpenItem, part: WireObject, index: number): void {
    if (part['type'] === 'refusal') return this.complete(item, 'refusal', index, part['refusal']);
    if (part['type'] !== 'output_text') return;
    this.complete(item, 'text', index, part['text'], part['logprobs']);
    // Those that were told one by one stand here again.
    for (const annotation of listOf(part['annotations']).slice(item.cited.get(index) ?? 0)) this.cite(item, index, annotation);
  }

  private closeReasoning(item: OpenItem, wire: WireObject): void {
    objectsOf(wire['summary']).forEach((part, i) => this.complete(item, 'summary', i, part['text']));
    objectsOf(wire['content']).forEach((part, i) => this.complete(item, 'thought', i, part['text']));
    const value = stringOf(wire['encrypted_content']);
    if (value === undefined || value === '') return;
    const text = [...item.seen.values()].join('');
    const proof = fromEncrypted(value, text, stringOf(wire['id']));
    if (proof) this.sink({ kind: 'reasoning_proof', choice: 0, proof });
  }

  private readText(event: WireObject, kind: Kind, isWhole: boolean, member: string): void {
    const item = this.itemOf(event);
    const text = event[member];
    if (typeof text !== 'string') throw unfit('sent a piece of text that is none');
    const index = Number(event[kind === 'summary' ? 'summary_index' : 'content_index'] ?? 0);
    if (isWhole) this.complete(item, kind, index, text, event['logprobs']);
    else this.append(item, kind, index, text, event['logprobs']);
  }

  /** Adds what the pieces of a text lacked of the whole; where the two differ, the pieces have been told and stand. */
  private complete(item: OpenItem, kind: Kind, index: number, whole: unknown, logprobs?: unknown): void {
    const seen = item.seen.get(kind + index) ?? '';
    if (typeof whole !== 'string' || whole.length === seen.length || !whole.startsWith(seen)) return;
    // Probabilities come with the pieces; with the whole come all of them once more.
    this.append(item, kind, index, whole.slice(seen.length), seen === '' ? logprobs : undefined);
  }

  private append(item: OpenItem, kind: Kind, index: number, text: string, logprobs: unknown): void {
    if (text === '') return;
    const before = item.seen.get(kind + index);
    item.seen.set(kind + index, (before ?? '') + text);
    if (kind === 'arguments') {
      if (item.call >= 0) this.sink({ kind: 'tool_arguments', choice: 0, call: item.call, text });
    } else if (kind === 'summary' || kind === 'thought') {
      const isNext = before === undefined && item.seen.size > 1;
      this.sink({ kind: 'reasoning', choice: 0, text: isNext ? `\n\n${text}` : text });
    } else if (kind === 'text' && listOf(logprobs).length > 0) {
      this.sink({ kind, choice: 0, text, logprobs: listOf(logprobs) });
    } else this.sink({ kind, choice: 0, text });
  }

  private cite(item: OpenItem, part: number, annotation: unknown): void {
    item.cited.set(part, (item.cited.get(part) ?? 0) + 1);
    if (isObject(annotation)) this.sink({ kind: 'citation', choice: 0, citation: citationOf(annotation) });
  }

  private itemOf(event: WireObject): OpenItem {
    const item = this.items.get(indexOf(event));
    if (!item) throw unfit('sent a piece of an output item that it had not begun');
    return item;
  }
}

function citationOf({ url, title, filename }: WireObject): Citation {
  return compact({ url: stringOf(url), title: stringOf(title) ?? stringOf(filename) });
}

function indexOf(event: WireObject): number {
  const index = event['output_index'];
  if (typeof index !== 'number') throw unfit('sent an output item without its index');
  return index;
}

function unfit(what: string): GatewayError {
  return new GatewayError('upstream_protocol', `The provider ${what}.`);
}
