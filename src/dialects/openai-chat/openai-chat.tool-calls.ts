import type { EventSink } from '../../core/answer-event.js';
import { malformed } from './malformed.js';
import { madeCallId } from './tool-call-id.js';
import { isObject, objectOf, textOf, type WireObject } from './wire-value.js';

interface OpenCall {
  readonly call: number;
  readonly index: number | undefined;
  readonly isCustom: boolean;
  id: string | undefined;
  name: string | undefined;
  hasBegun: boolean;
  hasArguments: boolean;
  /** Arguments that came before the call had a name. */
  early: string;
}

/** Tells the tool calls of one choice from each other, however a server numbers and repeats them. */
export class ToolCallsReader {
  private readonly calls: OpenCall[] = [];

  constructor(
    private readonly choice: number,
    /** Of the answer, for calls that come without an id. */
    private readonly answerId: string,
    private readonly sink: EventSink,
  ) {}

  get count(): number {
    return this.calls.length;
  }

  /** Reads `tool_calls` of a delta, or of a whole message, where they have no index but their place. */
  read(wire: unknown, isWhole: boolean): void {
    if (!Array.isArray(wire)) throw malformed('`tool_calls` is not a list');
    for (let place = 0; place < wire.length; place++) {
      const delta: unknown = wire[place];
      if (!isObject(delta)) throw malformed('a tool call is not an object');
      const isCustom = delta['type'] === 'custom' || isObject(delta['custom']);
      const inner = objectOf(isCustom ? delta['custom'] : delta['function']);
      const call = this.find(delta, inner, isWhole ? place : undefined) ?? this.open(delta, isCustom, isWhole ? place : undefined);
      this.readCall(call, delta, inner);
    }
  }

  /** Reads the deprecated `function_call`, of which there is one at most. */
  readFunctionCall(wire: unknown): void {
    if (!isObject(wire)) throw malformed('`function_call` is not an object');
    this.readCall(this.calls[0] ?? this.open({ index: 0 }, false, undefined), {}, wire);
  }

  /** No more arguments come: a call without any gets an empty object. */
  finish(): void {
    for (const call of this.calls) {
      if (!call.hasBegun) throw malformed('a tool call has no name');
      if (!call.hasArguments && !call.isCustom) this.tell(call, '{}');
    }
  }

  private find(delta: WireObject, inner: WireObject, place: number | undefined): OpenCall | undefined {
    const index = indexOf(delta) ?? place;
    const id = textOf(delta['id']);
    const last = this.calls.at(-1);
    if (index !== undefined) {
      const known = last?.index === index ? last : this.calls.findLast((call) => call.index === index);
      // Some servers give every call of a turn the index 0.
      const isOther = known?.id !== undefined && id !== undefined && id !== known.id && textOf(inner['name']) !== undefined;
      return isOther ? this.calls.find((call) => call.id === id) : known;
    }
    if (id !== undefined) return this.calls.find((call) => call.id === id);
    return textOf(inner['name']) === undefined ? last : undefined;
  }

  private open(delta: WireObject, isCustom: boolean, place: number | undefined): OpenCall {
    const call: OpenCall = {
      call: this.calls.length,
      index: indexOf(delta) ?? place,
      isCustom,
      id: undefined,
      name: undefined,
      hasBegun: false,
      hasArguments: false,
      early: '',
    };
    this.calls.push(call);
    return call;
  }

  private readCall(call: OpenCall, delta: WireObject, inner: WireObject): void {
    // Later deltas repeat id and name, or say "" or null: the first word counts.
    call.id ??= textOf(delta['id']);
    call.name ??= textOf(inner['name']);
    if (!call.hasBegun && call.name !== undefined) this.begin(call, call.name);
    const text = argumentsText(inner[call.isCustom ? 'input' : 'arguments']);
    if (text === '') return;
    if (call.hasBegun) this.tell(call, text);
    else call.early += text;
  }

  private begin(call: OpenCall, name: string): void {
    call.hasBegun = true;
    call.id ??= madeCallId(`${this.answerId}:${this.choice}:${call.call}`);
    const { choice } = this;
    this.sink({ kind: 'tool_call', choice, call: call.call, id: call.id, name, ...(call.isCustom && { isCustom: true }) });
    if (call.early !== '') this.tell(call, call.early);
  }

  private tell(call: OpenCall, text: string): void {
    call.hasArguments = true;
    this.sink({ kind: 'tool_arguments', choice: this.choice, call: call.call, text });
  }
}

function indexOf(delta: WireObject): number | undefined {
  const { index } = delta;
  return typeof index === 'number' && Number.isSafeInteger(index) && index >= 0 ? index : undefined;
}

/** Some servers send the arguments as the object that their text describes. */
function argumentsText(value: unknown): string {
  if (typeof value === 'string') return value;
  return isObject(value) ? JSON.stringify(value) : '';
}
