/** Where time comes from. Everything that measures or dates takes one, so that tests never sleep. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Milliseconds that only ever rise, with fractions, for measuring spans. */
  elapsed(): number;
}

export const CLOCK = Symbol('CLOCK');

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
};
