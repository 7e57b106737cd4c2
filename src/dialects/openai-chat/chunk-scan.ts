const [QUOTE, BACKSLASH, COLON] = [0x22, 0x5c, 0x3a];
const [OPEN_BRACE, CLOSE_BRACE, OPEN_BRACKET, CLOSE_BRACKET] = [0x7b, 0x7d, 0x5b, 0x5d];
const [LF, SPACE] = [0x0a, 0x20];
const LETTER_N = 0x6e;
const NOWHERE = -1;
const NO_DELTA = Number.MAX_SAFE_INTEGER;

/** What the name of a member can mean to the meter; any other name is `OTHER`. */
const [OTHER, USAGE, ERROR, FINISH_REASON, DELTA, GENERATED] = [0, 1, 2, 3, 4, 5];
/** The members of a delta that a model generated, in whatever depth: text, thinking, refusals, a tool's name and arguments. */
const GENERATED_NAMES = ['content', 'reasoning_content', 'reasoning', 'refusal', 'name', 'arguments', 'input', 'transcript'];
/** By length, so that nearly every name is told from all of them at once. */
const NAMES = toTable([
  ['usage', USAGE],
  ['error', ERROR],
  ['finish_reason', FINISH_REASON],
  ['delta', DELTA],
  ...GENERATED_NAMES.map((name) => [name, GENERATED] as const),
]);

/**
 * What one pass over the bytes of a chunk finds in it, without parsing: every chunk of every stream passes here. One scan serves
 * all chunks of a stream in turn; positions are those in the bytes that were read last.
 */
export class ChunkScan {
  /** At the object's first brace. */
  start = 0;
  /** After the object's last brace; -1 if it is not whole, or not as JSON is usually written. */
  end = NOWHERE;
  hasError = false;
  /** How many choices have ended with this chunk. */
  finishes = 0;
  /** Where the member `usage` of the object itself begins, and its value; -1 if there is none. */
  usageAt = NOWHERE;
  usageValueAt = NOWHERE;
  /** Its value is more than null. */
  hasUsage = false;
  /** Starts and ends of the texts that were generated, in turn, as they stand in JSON. */
  readonly texts: number[] = [];

  /** Reads the object that begins at `from`, up to `to` at most; true if it is whole, and stands on one line. */
  read(bytes: Buffer, from: number, to: number): boolean {
    this.forget();
    this.start = from;
    let depth = 0;
    let deltaDepth = NO_DELTA;
    let name = OTHER;
    for (let at = from; at < to; at++) {
      const byte = bytes[at]!;
      if (byte === QUOTE) {
        const close = stringEnd(bytes, at + 1, to);
        if (close < 0) return false;
        const colon = colonAfter(bytes, close + 1, to);
        if (colon >= 0) {
          name = meaningOf(bytes, at + 1, close);
          if (name === DELTA) deltaDepth = depth;
          else if (depth === 1 && name !== OTHER) this.noteMember(bytes, name, at, colon);
          at = colon;
        } else {
          if (name === FINISH_REASON) this.finishes++;
          else if (name === GENERATED && depth > deltaDepth && close > at + 1) this.texts.push(at + 1, close);
          at = close;
        }
      } else if (byte === OPEN_BRACE || byte === OPEN_BRACKET) depth++;
      else if (byte === CLOSE_BRACE || byte === CLOSE_BRACKET) {
        depth--;
        if (depth <= deltaDepth) deltaDepth = NO_DELTA;
        if (depth <= 0) {
          this.end = at + 1;
          return true;
        }
        // A line ends in the middle: the rest is another line of the frame, or of another frame.
      } else if (byte === LF) return false;
    }
    return false;
  }

  private forget(): void {
    this.end = this.usageAt = this.usageValueAt = NOWHERE;
    this.hasError = this.hasUsage = false;
    this.finishes = 0;
    if (this.texts.length > 0) this.texts.length = 0;
  }

  private noteMember(bytes: Buffer, name: number, at: number, colon: number): void {
    if (name === ERROR) this.hasError = true;
    if (name !== USAGE) return;
    this.usageAt = at;
    this.usageValueAt = colon + 1;
    while (bytes[this.usageValueAt]! <= SPACE) this.usageValueAt++;
    this.hasUsage = bytes[this.usageValueAt] !== LETTER_N;
  }
}

/** Where the closing quote of a string stands; -1 if it does not end here, or holds a line's end, which JSON does not. */
function stringEnd(bytes: Buffer, from: number, to: number): number {
  for (let at = from; at < to; at++) {
    const byte = bytes[at]!;
    if (byte === QUOTE) return at;
    if (byte === BACKSLASH) at++;
    else if (byte < SPACE) return NOWHERE;
  }
  return NOWHERE;
}

/** Where the colon stands that makes a name of the string before it; -1 if it is a value. */
function colonAfter(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at]! <= SPACE) at++;
  return bytes[at] === COLON ? at : NOWHERE;
}

interface Name {
  readonly word: Buffer;
  readonly meaning: number;
}

function toTable(names: readonly (readonly [string, number])[]): readonly (readonly Name[] | undefined)[] {
  const table: Name[][] = [];
  for (const [name, meaning] of names) (table[name.length] ??= []).push({ word: Buffer.from(name), meaning });
  return table;
}

function meaningOf(bytes: Buffer, from: number, to: number): number {
  const names = NAMES[to - from];
  if (!names) return OTHER;
  for (const { word, meaning } of names) if (isThere(bytes, from, word)) return meaning;
  return OTHER;
}

function isThere(bytes: Buffer, from: number, word: Buffer): boolean {
  for (let i = 0; i < word.length; i++) if (bytes[from + i] !== word[i]) return false;
  return true;
}
