// What every case of a run shares: the upstream stub, the load generator, and where the results go.

import { Companion } from './child.mjs';
import { PLAIN } from './wire.mjs';

/** @typedef {import('./load.mjs').Job} Job */
/** @typedef {Omit<Job, 'port' | 'key' | 'watch' | 'serverCpu'>} Load what to put on a target */
/** @typedef {import('./load.mjs').Measured} Measured */
/** @typedef {import('./wire.mjs').Scenario} Scenario */

/**
 * Something to put load on, and the processes whose CPU counts: `server` is it itself, the others are its stores.
 * @typedef {{ port: number, key: string, watch: () => Promise<Record<string, number[]>> }} Target
 */

/**
 * `floor` and `pipe` are the bare counterparts, `direct` is the stub without anything between; `relayed` and `hidden` are Tollgate
 * with a client that asks for usage in its stream, and one that does not; `translated` is it between a client of Chat Completions
 * and a provider of Messages.
 * @typedef {'direct' | 'floor' | 'pipe' | 'tollgate' | 'relayed' | 'hidden' | 'translated'} Side
 */

/** @typedef {'plain' | 'half-load' | 'paced' | 'fast' | 'first-frame'} Kind */

/** @typedef {{ round: number, kind: Kind, side: Side, connections: number, perSecond?: number | undefined, measured: Measured }} Case */

export class Bench {
  /** @type {Case[]} */
  cases = [];
  /** What makes the run invalid. @type {string[]} */
  problems = [];
  #upstream;
  #load;
  #options;

  /** @param {Companion} upstream @param {Companion} load @param {{ modelLatencyMs: number, serverCpu: string | undefined }} options */
  constructor(upstream, load, options) {
    this.#upstream = upstream;
    this.#load = load;
    this.#options = options;
  }

  /** @param {{ modelLatencyMs: number, serverCpu: string | undefined }} options */
  static async start(options) {
    return new Bench(await Companion.start('./upstream.mjs'), await Companion.start('./load.mjs'), options);
  }

  get upstreamPort() {
    return this.#upstream.port;
  }

  /** The stub itself, for what an answer takes with nothing between. @returns {Target} */
  get direct() {
    return { port: this.#upstream.port, key: 'x', watch: async () => ({}) };
  }

  /** @param {Partial<Scenario>} scenario */
  async playUpstream(scenario) {
    await this.#upstream.ask({ scenario: { ...PLAIN, latencyMs: this.#options.modelLatencyMs, ...scenario } });
  }

  /** Load whose figures nobody wants: the process is young. One that fails already here is not worth the minutes. @param {Target} target @param {Load} load */
  async warm(target, load) {
    await this.#put(target, load, 'warm-up');
    if (this.problems.length > 0) throw new Error(`Nothing to measure:\n${this.problems.join('\n')}`);
  }

  /**
   * @param {Omit<Case, 'measured' | 'connections' | 'perSecond'>} name
   * @param {Target} target
   * @param {Load} load
   */
  async measure(name, target, load) {
    const measured = await this.#put(target, load, `round ${name.round}, ${name.kind}, ${name.side}, ${load.connections} connections`);
    this.cases.push({ ...name, connections: load.connections, perSecond: load.perSecond, measured });
    return measured;
  }

  /** @param {Target} target @param {Load} load @param {string} name @returns {Promise<Measured>} */
  async #put(target, load, name) {
    const watch = { ...(await target.watch()), upstream: [this.#upstream.pid] };
    const before = await this.#countUpstream();
    /** @type {Measured} */
    const measured = await this.#load.ask({
      job: { ...load, port: target.port, key: target.key, watch, serverCpu: this.#options.serverCpu },
    });
    const upstreamCalls = (await this.#countUpstream()) - before;
    for (const [why, times] of Object.entries(measured.errors)) this.problems.push(`${name}: ${why}, ${times} times`);
    if (measured.answers + measured.frames === 0) this.problems.push(`${name}: no answer at all`);
    // A call answered from a cache, or sent twice, is not the call that is to be measured.
    if (upstreamCalls !== measured.sent) this.problems.push(`${name}: ${measured.sent} calls, but ${upstreamCalls} reached the provider`);
    return measured;
  }

  async #countUpstream() {
    const { answers, streams } = await this.#upstream.ask({});
    return answers + streams;
  }

  async stop() {
    await Promise.all([this.#load.stop(), this.#upstream.stop()]);
  }
}
