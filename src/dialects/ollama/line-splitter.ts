import { GatewayError } from '../../core/errors.js';

const LF = 0x0a;
/** A line longer than this is no piece of an answer. */
const MAX_LINE_BYTES = 8 * 1024 * 1024;

/** Cuts a byte stream into whole lines, wherever the bytes were split: also inside a character. Lines end in LF; a CR before it stays. */
export class LineSplitter {
  private held: Buffer[] = [];
  private heldBytes = 0;

  /** The lines that are complete now, without their ends. */
  take(chunk: Buffer): string[] {
    const last = chunk.lastIndexOf(LF);
    if (last < 0) {
      this.hold(chunk);
      return [];
    }
    const whole = chunk.subarray(0, last);
    const lines = (this.heldBytes === 0 ? whole : Buffer.concat([...this.held, whole])).toString('utf8').split('\n');
    this.held = [];
    this.heldBytes = 0;
    this.hold(chunk.subarray(last + 1));
    return lines;
  }

  /** What was left without its line end when the body ended. */
  rest(): string {
    return Buffer.concat(this.held).toString('utf8');
  }

  private hold(rest: Buffer): void {
    if (rest.length === 0) return;
    this.heldBytes += rest.length;
    if (this.heldBytes > MAX_LINE_BYTES) {
      throw new GatewayError('upstream_protocol', 'The provider sent a line that is too long to be one.');
    }
    this.held.push(rest);
  }
}
