const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const DELTA = Buffer.from('"delta"');
/** The members of a delta that a model generated, in whatever depth: text, thinking, refusals, a tool's name and arguments. */
const GENERATED = new Set(['content', 'reasoning_content', 'reasoning', 'refusal', 'name', 'arguments', 'input', 'transcript']);
const JOIN_EVERY = 128;

/**
 * Keeps what a stream of chunks has generated, so that it can be counted if the provider never says how much it was.
 * It reads positions instead of parsing: every chunk of every stream passes here, and the text is rarely asked for.
 */
export class GeneratedText {
  private text = '';
  private pieces: string[] = [];

  /** Reads the deltas of the chunk that stands at `bytes[from, to)`. */
  add(bytes: Buffer, from: number, to: number): void {
    for (let delta = bytes.indexOf(DELTA, from); delta >= 0 && delta < to; delta = bytes.indexOf(DELTA, delta + DELTA.length)) {
      this.addDelta(bytes, delta + DELTA.length, to);
    }
  }

  toString(): string {
    this.join();
    return this.text;
  }

  private addDelta(bytes: Buffer, from: number, to: number): void {
    let depth = 0;
    let key = '';
    for (let at = from; at < to; at++) {
      const byte = bytes[at];
      if (byte === OPEN_BRACE) depth++;
      else if (byte === CLOSE_BRACE && --depth <= 0) return;
      else if (byte === QUOTE) {
        const end = stringEnd(bytes, at + 1, to);
        if (isKey(bytes, end + 1, to)) key = bytes.toString('latin1', at + 1, end);
        else if (end > at + 1 && GENERATED.has(key)) this.keep(bytes.toString('utf8', at + 1, end));
        at = end;
      }
    }
  }

  private keep(escaped: string): void {
    this.pieces.push(escaped.includes('\\') ? unescaped(escaped) : escaped);
    if (this.pieces.length >= JOIN_EVERY) this.join();
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

function stringEnd(bytes: Buffer, from: number, to: number): number {
  for (let at = from; at < to; at++) {
    const byte = bytes[at];
    if (byte === BACKSLASH) at++;
    else if (byte === QUOTE) return at;
  }
  return to;
}

function isKey(bytes: Buffer, at: number, to: number): boolean {
  while (at < to && bytes[at]! <= 0x20) at++;
  return bytes[at] === COLON;
}
