// Log-linear like HdrHistogram: 128 steps per power of two, so a figure is at most 0.8 % off and a million of them take no room.

const STEPS = 128;
const POWERS = 32;

/** @typedef {{ count: number, p50: number, p90: number, p99: number, max: number }} Summary in the unit that was recorded */

export class Histogram {
  #counts = new Float64Array(STEPS * POWERS);
  #count = 0;
  #max = 0;

  /** @param {number} value a whole number from 0 to 2^31 */
  record(value) {
    const whole = Math.max(0, Math.round(value));
    const power = Math.max(0, 24 - Math.clz32(whole));
    const at = power * STEPS + (whole >>> power);
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
    this.#count += 1;
    if (whole > this.#max) this.#max = whole;
  }

  /** @returns {Summary} */
  get summary() {
    return { count: this.#count, p50: this.#quantile(0.5), p90: this.#quantile(0.9), p99: this.#quantile(0.99), max: this.#max };
  }

  /** @param {number} share */
  #quantile(share) {
    let left = Math.ceil(this.#count * share);
    if (left === 0) return 0;
    for (let at = 0; at < this.#counts.length; at += 1) {
      left -= this.#counts[at] ?? 0;
      if (left <= 0) return Math.min(this.#max, middleOf(at));
    }
    return this.#max;
  }
}

/** @param {number} at */
function middleOf(at) {
  const power = Math.max(0, Math.floor(at / STEPS) - 1);
  const low = (at - power * STEPS) * 2 ** power;
  return low + (2 ** power - 1) / 2;
}
