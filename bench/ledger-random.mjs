// Random numbers that are the same for the same seed, and draws by weight.

/** Marsaglia's xorshift with 128 bits of state. */
export class Random {
  #x;
  #y = 362_436_069;
  #z = 521_288_629;
  #w = 88_675_123;

  /** @param {number} seed */
  constructor(seed) {
    this.#x = (seed ^ 123_456_789) >>> 0;
    for (let warm = 0; warm < 32; warm += 1) this.bits();
  }

  /** 32 of them, as a whole number. */
  bits() {
    const mixed = this.#x ^ (this.#x << 11);
    this.#x = this.#y;
    this.#y = this.#z;
    this.#z = this.#w;
    this.#w = (this.#w ^ (this.#w >>> 19) ^ mixed ^ (mixed >>> 8)) >>> 0;
    return this.#w;
  }

  /** From 0 to below 1. */
  next() {
    return this.bits() / 4_294_967_296;
  }

  /** From 0 to below `below`. @param {number} below */
  whole(below) {
    return Math.floor(this.next() * below);
  }

  /** @template T @param {readonly T[]} all @returns {T} */
  of(all) {
    return /** @type {T} */ (all[this.whole(all.length)]);
  }

  /** Log-normal: half of them are below `median`. @param {number} median @param {number} sigma */
  around(median, sigma) {
    const normal = Math.sqrt(-2 * Math.log(1 - this.next())) * Math.cos(2 * Math.PI * this.next());
    return median * Math.exp(sigma * normal);
  }

  /** @param {string} alphabet @param {number} length */
  text(alphabet, length) {
    return Array.from({ length }, () => alphabet[this.whole(alphabet.length)]).join('');
  }

  /** As the gateway makes ids: UUIDv7. @param {number} ms epoch milliseconds */
  id(ms) {
    const time = ms.toString(16).padStart(12, '0');
    const tail = hex(this.bits()) + hex(this.bits()) + hex(this.bits());
    return `${time.slice(0, 8)}-${time.slice(8)}-7${tail.slice(0, 3)}-8${tail.slice(3, 6)}-${tail.slice(6, 18)}`;
  }
}

/** @param {number} bits */
function hex(bits) {
  return bits.toString(16).padStart(8, '0');
}

/** Draws an index as often as its weight says, in constant time (Walker's alias method). */
export class Weighted {
  /** @type {Float64Array} */
  #chances;
  /** @type {Uint32Array} */
  #aliases;

  /** @param {readonly number[]} weights */
  constructor(weights) {
    const mean = weights.reduce((sum, weight) => sum + weight, 0) / weights.length;
    this.#chances = Float64Array.from(weights, (weight) => weight / mean);
    this.#aliases = Uint32Array.from(weights, (_, index) => index);
    const [poor, rich] = [indexesOf(this.#chances, (chance) => chance < 1), indexesOf(this.#chances, (chance) => chance >= 1)];
    for (let giver = rich.pop(); giver !== undefined;) {
      const taker = poor.pop();
      if (taker === undefined) break;
      this.#aliases[taker] = giver;
      const left = (this.#chances[giver] ?? 0) - (1 - (this.#chances[taker] ?? 0));
      this.#chances[giver] = left;
      if (left >= 1) continue;
      poor.push(giver);
      giver = rich.pop();
    }
  }

  /** @param {Random} random */
  draw(random) {
    const at = random.whole(this.#chances.length);
    return random.next() < (this.#chances[at] ?? 1) ? at : (this.#aliases[at] ?? at);
  }
}

/** @param {Float64Array} values @param {(value: number) => boolean} isWanted */
function indexesOf(values, isWanted) {
  return [...values.keys()].filter((index) => isWanted(values[index] ?? 0));
}

/** Weights of ranks by Zipf's law. @param {number} count @param {number} [exponent] */
export function zipf(count, exponent = 1) {
  return Array.from({ length: count }, (_, rank) => (rank + 1) ** -exponent);
}
