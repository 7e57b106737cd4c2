import { GatewayError } from '../../core/errors.js';

const LF = 0x0a;
const CR = 0x0d;
/** A frame longer than this is no model's event. */
const MAX_FRAME_BYTES = 8 * 1024 * 1024;

/**
 * Cuts a byte stream into whole Server-Sent Events frames, each with its blank line, wherever the bytes were split.
 * Lines may end in LF or CRLF.
 */
export class FrameSplitter {
  private held: Buffer[] = [];
  private heldBytes = 0;

  /** The bytes that are complete now, from the first held byte on; `undefined` while no line has ended. Follow with `next`. */
  take(chunk: Buffer): Buffer | undefined {
    if (this.heldBytes === 0) return chunk;
    // No line ends in what came: joining now would copy a long frame once per segment.
    if (chunk.indexOf(LF) < 0) {
      this.hold(chunk);
      return undefined;
    }
    this.held.push(chunk);
    const whole = Buffer.concat(this.held);
    this.held = [];
    this.heldBytes = 0;
    return whole;
  }

  /** Keeps the beginning of a frame until the rest arrives. */
  hold(rest: Buffer): void {
    if (rest.length === 0) return;
    this.heldBytes += rest.length;
    if (this.heldBytes > MAX_FRAME_BYTES) {
      throw new GatewayError('upstream_protocol', 'The provider sent an event that is too long to be one.');
    }
    this.held.push(rest);
  }

  /** What was left without its blank line when the body ended. */
  rest(): Buffer {
    return Buffer.concat(this.held);
  }
}

/** The position after the blank line that ends the frame which begins at `from`, or -1. */
export function frameEnd(bytes: Buffer, from: number): number {
  for (let line = bytes.indexOf(LF, from); line >= 0; line = bytes.indexOf(LF, line + 1)) {
    const next = bytes[line + 1];
    if (next === LF) return line + 2;
    if (next === CR && bytes[line + 2] === LF) return line + 3;
    if (line === from || (line === from + 1 && bytes[from] === CR)) return line + 1;
  }
  return -1;
}

const EVENT = Buffer.from('event:');
const DATA = Buffer.from('data:');
const SPACE = 0x20;

/** The `data` of the frame at `bytes[from, end)`, its lines joined as the standard says; `undefined` for comments and empty frames. */
export function payloadText(bytes: Buffer, from = 0, end = bytes.length): string | undefined {
  return singlePayload(bytes, from, end) ?? joinedPayload(bytes.subarray(from, end));
}

/** The payload of the usual frame: one `data:` line, with an `event:` line before it or none. */
function singlePayload(bytes: Buffer, from: number, end: number): string | undefined {
  const line = isThere(bytes, from, EVENT) ? bytes.indexOf(LF, from) + 1 : from;
  if (!isThere(bytes, line, DATA)) return undefined;
  const start = bytes[line + DATA.length] === SPACE ? line + DATA.length + 1 : line + DATA.length;
  const stop = bytes.indexOf(LF, start);
  if (stop < 0 || (bytes[stop + 1] === CR ? stop + 3 : stop + 2) !== end) return undefined;
  return bytes.toString('utf8', start, bytes[stop - 1] === CR ? stop - 1 : stop);
}

function isThere(bytes: Buffer, at: number, word: Buffer): boolean {
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) return false;
  return true;
}

function joinedPayload(frame: Buffer): string | undefined {
  const lines = frame
    .toString('utf8')
    .split(/\r?\n/)
    .filter((line) => line === 'data' || line.startsWith('data:'));
  if (lines.length === 0) return undefined;
  return lines.map((line) => line.slice(line[5] === ' ' ? 6 : 5)).join('\n');
}
