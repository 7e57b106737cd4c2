const JOIN_EVERY = 128;

/** Keeps what a stream has generated, so that it can be counted if the provider never says how much it was. */
export class GeneratedText {
  private text = '';
  private pieces: string[] = [];

  /** Takes the content of a JSON string: `bytes[from, to)`, without its quotes. */
  add(bytes: Buffer, from: number, to: number): void {
    const escaped = bytes.toString('utf8', from, to);
    this.pieces.push(escaped.includes('\\') ? unescaped(escaped) : escaped);
    if (this.pieces.length >= JOIN_EVERY) this.join();
  }

  toString(): string {
    this.join();
    return this.text;
  }

  private join(): void {
    this.text += this.pieces.join('');
    this.pieces = [];
  }
}

function unescaped(text: string): string {
  try {
    return JSON.parse(`"${text}"`) as string;
  } catch {
    return text;
  }
}
