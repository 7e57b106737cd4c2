// Reads the answers on one connection: any split of the bytes, content-length or chunked, and no more work than counting needs.

const HEAD_END = Buffer.from('\r\n\r\n');
const FRAME_END = Buffer.from('\n\n');
const DONE = Buffer.from('data: [DONE]\n\n');
const NEWLINE = 0x0a;

/** @typedef {'head' | 'length' | 'size' | 'chunk' | 'trailer'} Part what the next byte belongs to */

/**
 * What an answer turned out to be. `frames` are SSE frames, `done`: the last of them was [DONE].
 * @typedef {{ status: number, bodyBytes: number, frames: number, done: boolean }} Answer
 */

export class AnswerReader {
  /** @type {Part} */
  #part = 'head';
  #left = 0;
  #size = '';
  #status = 0;
  #bodyBytes = 0;
  #frames = 0;
  #endsInNewline = false;
  #isStream = false;
  #carry = Buffer.alloc(0);
  #tail = Buffer.alloc(DONE.length);
  #onFrames;
  #onAnswer;

  /**
   * @param {(frames: number) => void} onFrames how many SSE frames have just been completed
   * @param {(answer: Answer) => void} onAnswer
   */
  constructor(onFrames, onAnswer) {
    this.#onFrames = onFrames;
    this.#onAnswer = onAnswer;
  }

  /** Throws on what is not HTTP. The bytes may be overwritten afterwards. @param {Buffer} bytes */
  read(bytes) {
    let at = 0;
    while (at < bytes.length) {
      if (this.#part === 'head') at = this.#readHead(bytes, at);
      else if (this.#part === 'length' || this.#part === 'chunk') at = this.#readBody(bytes, at);
      else at = this.#readLine(bytes, at);
    }
  }

  /** @param {Buffer} bytes @param {number} from */
  #readHead(bytes, from) {
    const joined = this.#carry.length > 0 ? Buffer.concat([this.#carry, bytes.subarray(from)]) : bytes;
    const start = joined === bytes ? from : 0;
    const end = joined.indexOf(HEAD_END, start);
    if (end === -1) {
      this.#carry = Buffer.from(joined.subarray(start));
      return bytes.length;
    }
    const next = bytes.length - (joined.length - (end + HEAD_END.length));
    this.#carry = Buffer.alloc(0);
    this.#begin(joined.toString('latin1', start, end).toLowerCase());
    return next;
  }

  /** @param {string} head */
  #begin(head) {
    if (!head.startsWith('http/1.1 ')) throw new Error('not an HTTP answer');
    this.#status = Number(head.slice(9, 12));
    this.#bodyBytes = 0;
    this.#frames = 0;
    this.#endsInNewline = false;
    this.#isStream = head.includes('\r\ncontent-type: text/event-stream');
    if (head.includes('\r\ntransfer-encoding: chunked')) {
      this.#part = 'size';
      return;
    }
    this.#part = 'length';
    const at = head.indexOf('\r\ncontent-length: ');
    this.#left = at === -1 ? 0 : parseInt(head.slice(at + 18), 10);
    if (this.#left === 0) this.#end();
  }

  /** @param {Buffer} bytes @param {number} at */
  #readBody(bytes, at) {
    const end = Math.min(bytes.length, at + this.#left);
    this.#left -= end - at;
    this.#bodyBytes += end - at;
    if (this.#isStream) this.#countFrames(bytes, at, end);
    if (this.#left > 0) return end;
    if (this.#part === 'length') this.#end();
    else this.#part = 'size';
    return end;
  }

  /** The line with a chunk's size (before it the empty one that closed the last), or one after the last chunk. @param {Buffer} bytes @param {number} at */
  #readLine(bytes, at) {
    const end = bytes.indexOf(NEWLINE, at);
    this.#size += bytes.toString('latin1', at, end === -1 ? bytes.length : end);
    if (end === -1) return bytes.length;
    const line = this.#size.trim();
    this.#size = '';
    if (this.#part === 'trailer') {
      if (line === '') this.#end();
    } else if (line !== '') {
      this.#left = parseInt(line, 16);
      if (Number.isNaN(this.#left)) throw new Error('not a chunk size');
      this.#part = this.#left === 0 ? 'trailer' : 'chunk';
    }
    return end + 1;
  }

  /** A JSON text has no raw newline, so an empty line is always the end of a frame. @param {Buffer} bytes @param {number} from @param {number} end */
  #countFrames(bytes, from, end) {
    let frames = 0;
    let at = from;
    if (this.#endsInNewline && bytes[at] === NEWLINE) {
      frames += 1;
      at += 1;
    }
    for (let hit = bytes.indexOf(FRAME_END, at); hit !== -1 && hit + 2 <= end; hit = bytes.indexOf(FRAME_END, at)) {
      frames += 1;
      at = hit + 2;
    }
    this.#endsInNewline = at < end && bytes[end - 1] === NEWLINE;
    this.#keepTail(bytes, from, end);
    if (frames === 0) return;
    this.#frames += frames;
    this.#onFrames(frames);
  }

  /** @param {Buffer} bytes @param {number} from @param {number} end */
  #keepTail(bytes, from, end) {
    const room = this.#tail.length;
    const fresh = Math.min(room, end - from);
    if (fresh < room) this.#tail.copyWithin(0, fresh);
    bytes.copy(this.#tail, room - fresh, end - fresh, end);
  }

  #end() {
    this.#part = 'head';
    const done = this.#frames > 0 && this.#tail.equals(DONE);
    this.#onAnswer({ status: this.#status, bodyBytes: this.#bodyBytes, frames: this.#frames, done });
  }
}
