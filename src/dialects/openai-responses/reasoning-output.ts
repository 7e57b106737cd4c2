import type { ReasoningProof } from '../../core/conversation.js';
import type { OutputItem, Place } from './output-item.js';
import { toEncrypted } from './reasoning-item.js';

/** Writes a thought: its text as a summary, its proof where OpenAI's encrypted thoughts stand. */
export class ReasoningOutput implements OutputItem {
  private text = '';
  private proof: ReasoningProof | undefined;

  constructor(
    private readonly id: string,
    private readonly place: Place,
  ) {
    place.emit('response.output_item.added', { output_index: place.index, item: { id, type: 'reasoning', summary: [] } });
  }

  add(text: string): void {
    if (this.text === '') this.emit('response.reasoning_summary_part.added', { part: { type: 'summary_text', text: '' } });
    this.text += text;
    this.emit('response.reasoning_summary_text.delta', { delta: text });
  }

  prove(proof: ReasoningProof): void {
    this.proof = proof;
  }

  close(): Readonly<Record<string, unknown>> {
    const part = { type: 'summary_text', text: this.text };
    if (this.text !== '') {
      this.emit('response.reasoning_summary_text.done', { text: this.text });
      this.emit('response.reasoning_summary_part.done', { part });
    }
    const summary = this.text === '' ? [] : [part];
    const item = { id: this.id, type: 'reasoning', summary, encrypted_content: toEncrypted(this.proof, this.id) };
    this.place.emit('response.output_item.done', { output_index: this.place.index, item });
    return item;
  }

  private emit(type: string, fields: Readonly<Record<string, unknown>>): void {
    this.place.emit(type, { item_id: this.id, output_index: this.place.index, summary_index: 0, ...fields });
  }
}
