// The provider: raw sockets, HTTP read as cheaply as it can be, answers ready-made. A process of its own, told by IPC what to play.

import { createServer } from 'node:net';
import { Pacer } from './pacer.mjs';
import { CLAUDE, PLAIN, PLAIN_ANSWER, toAnthropicScript, toStreamScript } from './wire.mjs';

/** @typedef {import('./wire.mjs').Scenario} Scenario */

const HEAD_END = Buffer.from('\r\n\r\n');
const IS_STREAM = Buffer.from('"stream":true');
const IS_CLAUDE = Buffer.from(`"model":"${CLAUDE}"`);
const ASKS_USAGE = Buffer.from('"include_usage":true');
const REFUSED = Buffer.from('HTTP/1.1 411 Length Required\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');

/** @type {Scenario} */
let scenario = PLAIN;
let scripts = toScripts(scenario);
let pacer = new Pacer(0);
const counts = { answers: 0, streams: 0, refused: 0, abandoned: 0 };

/** @param {Scenario} of */
function toScripts(of) {
  return { bare: toStreamScript(of, false), withUsage: toStreamScript(of, true), anthropic: toAnthropicScript(of) };
}

/** @param {Buffer} body */
function scriptFor(body) {
  if (body.includes(IS_CLAUDE)) return scripts.anthropic;
  return body.includes(ASKS_USAGE) ? scripts.withUsage : scripts.bare;
}

/** One connection: requests in order, each answered before the next is begun. */
class Conversation {
  /** @type {Buffer[]} */
  #parts = [];
  #size = 0;
  #need = 1;
  /** @type {Buffer[]} */
  #waiting = [];
  #isAnswering = false;
  #socket;

  /** @param {import('node:net').Socket} socket */
  constructor(socket) {
    this.#socket = socket;
    socket.on('data', (bytes) => this.#read(bytes));
    socket.on('error', () => socket.destroy());
    socket.on('close', () => {
      if (this.#isAnswering) counts.abandoned += 1;
    });
  }

  /** @param {Buffer} bytes */
  #read(bytes) {
    this.#parts.push(bytes);
    this.#size += bytes.length;
    if (this.#size < this.#need) return;
    const all = this.#parts.length === 1 ? bytes : Buffer.concat(this.#parts);
    const rest = all.subarray(this.#takeRequests(all));
    this.#parts = rest.length > 0 ? [rest] : [];
    this.#size = rest.length;
  }

  /** Answers every whole request in `all`; returns where the first unfinished one begins. @param {Buffer} all */
  #takeRequests(all) {
    let at = 0;
    for (;;) {
      const headEnd = all.indexOf(HEAD_END, at);
      this.#need = 1;
      if (headEnd === -1) return at;
      const length = lengthOf(all.toString('latin1', at, headEnd));
      if (length === undefined) return this.#refuse(all);
      const bodyAt = headEnd + HEAD_END.length;
      this.#need = bodyAt + length - at;
      if (at + this.#need > all.length) return at;
      this.#take(all.subarray(bodyAt, bodyAt + length));
      at = bodyAt + length;
    }
  }

  /** @param {Buffer} all */
  #refuse(all) {
    counts.refused += 1;
    this.#socket.end(REFUSED);
    return all.length;
  }

  /** @param {Buffer} body */
  #take(body) {
    if (this.#isAnswering) this.#waiting.push(body);
    else this.#answer(body);
  }

  /** @param {Buffer} body */
  #answer(body) {
    this.#isAnswering = true;
    if (scenario.latencyMs === 0) this.#send(body);
    else setTimeout(() => this.#send(body), scenario.latencyMs);
  }

  /** @param {Buffer} body */
  #send(body) {
    if (body.includes(IS_STREAM)) {
      counts.streams += 1;
      pacer.play(this.#socket, scriptFor(body), scenario, () => this.#answered());
      return;
    }
    counts.answers += 1;
    this.#socket.write(PLAIN_ANSWER);
    this.#answered();
  }

  #answered() {
    this.#isAnswering = false;
    const next = this.#waiting.shift();
    if (next) this.#answer(next);
  }
}

/** @param {string} head */
function lengthOf(head) {
  const at = head.indexOf('content-length: ');
  if (at !== -1) return parseInt(head.slice(at + 16), 10);
  const found = /content-length:\s*(\d+)/i.exec(head)?.[1];
  return found === undefined ? undefined : Number(found);
}

const server = createServer({ noDelay: true }, (socket) => new Conversation(socket));
server.listen(0, '127.0.0.1', () => process.send?.({ port: /** @type {import('node:net').AddressInfo} */ (server.address()).port }));

process.on('message', (/** @type {{ id: number, scenario?: Scenario }} */ message) => {
  if (message.scenario) {
    scenario = message.scenario;
    scripts = toScripts(scenario);
    pacer.stop();
    pacer = new Pacer(scenario.intervalMs);
  }
  process.send?.({ id: message.id, ...counts });
});
process.on('disconnect', () => process.exit());
