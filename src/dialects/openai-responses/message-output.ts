import type { Citation } from '../../core/answer-event.js';
import type { ItemStatus, OutputItem, Place } from './output-item.js';

interface TextContent {
  readonly type: 'output_text';
  text: string;
  readonly annotations: unknown[];
  readonly logprobs: unknown[];
}

interface RefusalContent {
  readonly type: 'refusal';
  refusal: string;
}

type Content = TextContent | RefusalContent;

/** Writes a message: its parts one after another, each opened by the first piece of it. */
export class MessageOutput implements OutputItem {
  private readonly content: Content[] = [];
  private isPartOpen = false;
  /** Where the text begins that the next citations are about, and whether one has come for it. */
  private citedFrom = 0;
  private isCited = false;

  constructor(
    private readonly id: string,
    private readonly place: Place,
  ) {
    this.place.emit('response.output_item.added', { output_index: place.index, item: this.wire('in_progress') });
  }

  addText(text: string, logprobs: readonly unknown[] = []): void {
    const part = this.textPart();
    if (this.isCited) this.citedFrom = part.text.length;
    this.isCited = false;
    part.text += text;
    part.logprobs.push(...logprobs);
    this.emit('response.output_text.delta', { delta: text, logprobs });
  }

  addRefusal(text: string): void {
    const last = this.content.at(-1);
    const part = last?.type === 'refusal' ? last : this.open({ type: 'refusal', refusal: '' });
    part.refusal += text;
    this.emit('response.refusal.delta', { delta: text });
  }

  /** Marks the text since the last mark as taken from a source. */
  cite(citation: Citation): void {
    const part = this.textPart();
    const annotation = toAnnotation(citation, this.citedFrom, part.text.length);
    this.isCited = true;
    this.emit('response.output_text.annotation.added', { annotation_index: part.annotations.length, annotation });
    part.annotations.push(annotation);
  }

  close(status: ItemStatus): Readonly<Record<string, unknown>> {
    this.closePart();
    const item = this.wire(status);
    this.place.emit('response.output_item.done', { output_index: this.place.index, item });
    return item;
  }

  private textPart(): TextContent {
    const last = this.content.at(-1);
    return last?.type === 'output_text' ? last : this.open({ type: 'output_text', text: '', annotations: [], logprobs: [] });
  }

  private open<T extends Content>(part: T): T {
    this.closePart();
    this.content.push(part);
    this.isPartOpen = true;
    this.citedFrom = 0;
    this.isCited = false;
    this.emit('response.content_part.added', { part: { ...part } });
    return part;
  }

  private closePart(): void {
    const part = this.content.at(-1);
    if (!part || !this.isPartOpen) return;
    this.isPartOpen = false;
    if (part.type === 'refusal') this.emit('response.refusal.done', { refusal: part.refusal });
    else this.emit('response.output_text.done', { text: part.text, logprobs: part.logprobs });
    this.emit('response.content_part.done', { part });
  }

  private emit(type: string, fields: Readonly<Record<string, unknown>>): void {
    const { index, emit } = this.place;
    emit(type, { item_id: this.id, output_index: index, content_index: this.content.length - 1, ...fields });
  }

  private wire(status: ItemStatus | 'in_progress'): Readonly<Record<string, unknown>> {
    return { id: this.id, type: 'message', status, role: 'assistant', content: [...this.content] };
  }
}

/** A page of the web by its address; a place in a document, which has none here, by the document's title. */
function toAnnotation({ url, title }: Citation, start: number, end: number): Readonly<Record<string, unknown>> {
  if (url !== undefined) return { type: 'url_citation', start_index: start, end_index: end, url, title: title ?? url };
  return { type: 'file_citation', file_id: '', filename: title ?? '', index: end };
}
