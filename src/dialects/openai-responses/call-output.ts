import type { ItemStatus, OutputItem, Place } from './output-item.js';

/** A tool call as it begins. */
export interface CallHead {
  readonly id: string;
  readonly name: string;
  readonly isCustom?: boolean;
}

/** Writes a tool call. It stays open as long as pieces of its arguments may come, other items beside it. */
export class CallOutput implements OutputItem {
  private text = '';

  constructor(
    private readonly id: string,
    private readonly head: CallHead,
    private readonly place: Place,
  ) {
    place.emit('response.output_item.added', { output_index: place.index, item: this.wire('in_progress') });
  }

  add(text: string): void {
    this.text += text;
    this.emit(this.head.isCustom ? 'response.custom_tool_call_input.delta' : 'response.function_call_arguments.delta', { delta: text });
  }

  close(status: ItemStatus): Readonly<Record<string, unknown>> {
    const { name, isCustom } = this.head;
    // A function without arguments is called with an empty object, which some providers leave unsaid.
    if (this.text === '' && !isCustom && status === 'completed') this.add('{}');
    if (isCustom) this.emit('response.custom_tool_call_input.done', { input: this.text });
    else this.emit('response.function_call_arguments.done', { name, arguments: this.text });
    const item = this.wire(status);
    this.place.emit('response.output_item.done', { output_index: this.place.index, item });
    return item;
  }

  private emit(type: string, fields: Readonly<Record<string, unknown>>): void {
    this.place.emit(type, { item_id: this.id, output_index: this.place.index, ...fields });
  }

  private wire(status: ItemStatus | 'in_progress'): Readonly<Record<string, unknown>> {
    const { id: callId, name, isCustom } = this.head;
    const said = isCustom ? { type: 'custom_tool_call', input: this.text } : { type: 'function_call', arguments: this.text };
    return { id: this.id, ...said, call_id: callId, name, status };
  }
}
