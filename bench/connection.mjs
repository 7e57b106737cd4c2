// One client connection: sends the request, reads the answer, says how long it took. Reconnects if it is cut, and counts that as an error.

import { connect } from 'node:net';
import { AnswerReader } from './answer-reader.mjs';

/** @typedef {import('./answer-reader.mjs').Answer} Answer */

/**
 * What a call met on its way; times are `performance.now()`.
 * @typedef {object} Listener
 * @property {(frames: number, now: number, connection: Connection) => void} frames
 * @property {(answer: Answer, now: number, connection: Connection) => void} answered
 * @property {(why: string, connection: Connection) => void} failed
 */

// All connections of the process read into one piece of memory: what is read is counted and forgotten before the next read.
const SHARED = Buffer.alloc(256 * 1024);

export class Connection {
  /** When the call that is under way was due. */
  dueMs = 0;
  /** When its last frame came; 0 before the first. */
  lastFrameMs = 0;
  isBusy = false;
  #isClosing = false;
  /** @type {import('node:net').Socket} */
  #socket;
  /** @type {AnswerReader} */
  #reader;
  #port;
  #request;
  #listener;
  #now = 0;

  /** @param {number} port @param {Buffer} request @param {Listener} listener */
  constructor(port, request, listener) {
    this.#port = port;
    this.#request = request;
    this.#listener = listener;
    this.#reader = this.#makeReader();
    this.#socket = this.#open();
  }

  /** @param {number} dueMs when it should have been sent; waiting for a free connection is part of the answer's time */
  send(dueMs) {
    this.isBusy = true;
    this.dueMs = dueMs;
    this.lastFrameMs = 0;
    this.#socket.write(this.#request);
  }

  close() {
    this.#isClosing = true;
    this.#socket.destroy();
  }

  #open() {
    const onread = { buffer: SHARED, callback: (/** @type {number} */ bytes) => this.#read(bytes) };
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true, onread });
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#closed());
    return socket;
  }

  #makeReader() {
    return new AnswerReader(
      (frames) => {
        this.#listener.frames(frames, this.#now, this);
        this.lastFrameMs = this.#now;
      },
      (answer) => {
        this.isBusy = false;
        this.#listener.answered(answer, this.#now, this);
      },
    );
  }

  /** @param {number} bytes */
  #read(bytes) {
    this.#now = performance.now();
    try {
      this.#reader.read(SHARED.subarray(0, bytes));
    } catch {
      this.#socket.destroy();
    }
    return true;
  }

  #closed() {
    if (this.#isClosing) return;
    this.#reader = this.#makeReader();
    setTimeout(() => {
      if (this.#isClosing) return;
      this.#socket = this.#open();
      const wasBusy = this.isBusy;
      this.isBusy = false;
      if (wasBusy) this.#listener.failed('connection cut', this);
    }, 10);
  }
}
