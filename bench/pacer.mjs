// Plays ready-made streams to sockets: flat out with back-pressure, or one piece of text at a time on a common clock.

/** @typedef {import('./wire.mjs').Scenario} Scenario */
/** @typedef {import('./wire.mjs').StreamScript} StreamScript */
/** @typedef {{ socket: import('node:net').Socket, script: StreamScript, left: number, end: () => void }} Playing */

/** Finer than a timer can be, so that no two streams speak in one moment unless there are more than ten of them to a millisecond. */
const TICK_MS = 0.1;

export class Pacer {
  /** The streams that speak in each tick of the interval. @type {Set<Playing>[]} */
  #slots;
  /** Ticks since the process began. */
  #lastTick = 0;
  #nextSlot = 0;
  #isOver = false;

  /** @param {number} intervalMs between two pieces of one stream; 0 where none is paced */
  constructor(intervalMs) {
    this.#slots = Array.from({ length: Math.round(intervalMs / TICK_MS) }, () => new Set());
    if (intervalMs === 0) return;
    this.#lastTick = tickNow();
    this.#turn();
  }

  stop() {
    this.#isOver = true;
  }

  /** Looks at the clock in every turn of the event loop: this process has nothing else to do. */
  #turn() {
    if (this.#isOver) return;
    this.#tick();
    setImmediate(() => this.#turn());
  }

  /**
   * @param {import('node:net').Socket} socket
   * @param {StreamScript} script
   * @param {Scenario} scenario
   * @param {() => void} end the last byte has been handed to the socket
   */
  play(socket, script, scenario, end) {
    socket.write(script.head);
    const playing = { socket, script, left: scenario.chunks, end };
    if (scenario.intervalMs === 0) {
      pour(playing, scenario.perWrite);
      return;
    }
    // Spread evenly: streams that all speak in the same moment would be one batch for whoever reads them, and whoever is done with
    // it sooner finds the next reader still awake: a wake-up costs the writer more than the write.
    this.#slots[this.#nextSlot]?.add(playing);
    this.#nextSlot = (this.#nextSlot + 1) % this.#slots.length;
  }

  /** A late turn is made good: the rate stays, whatever the machine does. */
  #tick() {
    const now = tickNow();
    for (; this.#lastTick < now; this.#lastTick += 1) {
      const slot = this.#slots[this.#lastTick % this.#slots.length];
      if (!slot) continue;
      for (const playing of slot) if (!speak(playing)) slot.delete(playing);
    }
  }
}

function tickNow() {
  return Math.floor(performance.now() / TICK_MS);
}

/** One piece, a segment of its own; false when it was the last. @param {Playing} playing */
function speak(playing) {
  const { socket, script } = playing;
  if (socket.destroyed) return false;
  const word = script.words[playing.left % script.words.length];
  playing.left -= 1;
  if (word) socket.write(word);
  if (playing.left > 0) return true;
  socket.write(script.tail);
  playing.end();
  return false;
}

/** @param {Playing} playing @param {number} perWrite */
function pour(playing, perWrite) {
  const { socket, script } = playing;
  while (playing.left >= perWrite) {
    if (socket.destroyed) return;
    playing.left -= perWrite;
    if (!socket.write(script.burst)) {
      socket.once('drain', () => pour(playing, perWrite));
      return;
    }
  }
  for (; playing.left > 0; playing.left -= 1) socket.write(script.words[playing.left % script.words.length] ?? '');
  socket.write(script.tail);
  playing.end();
}
