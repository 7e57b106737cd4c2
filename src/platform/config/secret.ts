import { inspect } from 'node:util';

/** What stands in the place of a secret wherever something prints it. */
const MASK = '***';

/** A value that must not be seen. It prints as `***` everywhere; only `reveal()` gives it out, and only to whoever sends it. */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  equals(other: unknown): boolean {
    return other instanceof Secret && other.#value === this.#value;
  }

  toString(): string {
    return MASK;
  }

  toJSON(): string {
    return MASK;
  }

  [inspect.custom](): string {
    return MASK;
  }
}
