/** Where one word stands next in a buffer: the buffer is searched once, however many frames it holds. */
export class Word {
  private at: number;

  constructor(
    private readonly bytes: Buffer,
    private readonly word: Buffer,
  ) {
    this.at = bytes.indexOf(word);
  }

  /** The word's position in `[from, end)`, or -1. `from` only rises from call to call. */
  find(from: number, end: number): number {
    if (this.at >= 0 && this.at < from) this.at = this.bytes.indexOf(this.word, from);
    return this.at < end ? this.at : -1;
  }

  next(at: number): number {
    return this.bytes.indexOf(this.word, at + this.word.length);
  }
}

/** The position of the value that follows a key which ends at `at`; -1 if what ends there is no key. */
export function valueAfter(bytes: Buffer, at: number): number {
  while (bytes[at]! <= 0x20) at++;
  if (bytes[at] !== 0x3a) return -1;
  at++;
  while (bytes[at]! <= 0x20) at++;
  return at;
}

/** Is the key at `at` a member of the object that opens at `from`, and not of one inside it? */
export function isTopLevel(bytes: Buffer, from: number, at: number): boolean {
  let depth = 0;
  for (let i = from; i < at; i++) {
    const byte = bytes[i];
    if (byte === 0x22) {
      for (i++; i < at && bytes[i] !== 0x22; i++) if (bytes[i] === 0x5c) i++;
    } else if (byte === 0x7b || byte === 0x5b) depth++;
    else if (byte === 0x7d || byte === 0x5d) depth--;
  }
  return depth === 1;
}
