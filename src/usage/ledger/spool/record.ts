import { crc32 } from 'node:zlib';

/** A row as it stands in a segment. */
export interface SpoolRecord {
  /** Of its first byte in the segment. */
  readonly offset: number;
  /** When the row came, epoch milliseconds. */
  readonly atMs: number;
  readonly line: string;
}

/** Bytes of a segment that are no record. */
export interface Damage {
  readonly offset: number;
  readonly bytes: number;
}

const NEWLINE = 0x0a;
const BLANK = 0x20;
const CHECKSUM_DIGITS = 8;

/**
 * A line of text: eight hexadecimal digits, the CRC-32 of all that follows but the line's end; when the row came, in epoch
 * milliseconds; the row itself. Lines, and not lengths, so that whoever reads finds the next record behind a damaged one.
 */
export function encodeRecord(atMs: number, line: string): Buffer {
  // Between the members of JSON a line's end means what a blank does, and within its texts there is none.
  const body = Buffer.from(`${atMs} ${line.replaceAll('\n', ' ')}\n`);
  return Buffer.concat([Buffer.from(`${checksumOf(body.subarray(0, -1))} `), body]);
}

/** Reads the records of a segment in their order, and passes over what is damaged: cut off, overwritten or never written. */
export class RecordReader {
  private position = 0;

  constructor(
    private readonly bytes: Buffer,
    /** Told of each damaged stretch before the record that follows it. */
    private readonly onDamage: (damage: Damage) => void,
  ) {}

  /** undefined at the end. */
  next(): SpoolRecord | undefined {
    const { bytes } = this;
    const from = this.position;
    while (this.position < bytes.length) {
      const offset = this.position;
      const newline = bytes.indexOf(NEWLINE, offset);
      const end = newline === -1 ? bytes.length : newline;
      this.position = Math.min(end + 1, bytes.length);
      const record = decode(bytes.subarray(offset, end), offset);
      if (!record) continue;
      if (offset > from) this.onDamage({ offset: from, bytes: offset - from });
      return record;
    }
    if (this.position > from) this.onDamage({ offset: from, bytes: this.position - from });
    return undefined;
  }
}

/** How many records there are if none is damaged. */
export function countRecords(bytes: Buffer): number {
  let count = 0;
  for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE, end + 1)) count += 1;
  return count;
}

function decode(bytes: Buffer, offset: number): SpoolRecord | undefined {
  const body = bytes.subarray(CHECKSUM_DIGITS + 1);
  const blank = body.indexOf(BLANK);
  if (blank === -1 || bytes[CHECKSUM_DIGITS] !== BLANK || bytes.toString('latin1', 0, CHECKSUM_DIGITS) !== checksumOf(body))
    return undefined;
  return { offset, atMs: Number(body.toString('latin1', 0, blank)), line: body.toString('utf8', blank + 1) };
}

function checksumOf(body: Buffer): string {
  return crc32(body).toString(16).padStart(CHECKSUM_DIGITS, '0');
}
