import type { AllowedModels } from '../core/caller.js';

const ANYTHING = '*';

/**
 * Exact names, and patterns in which each `*` stands for any text. A pattern is compared piece by piece and never goes back, so
 * that no pattern of an administrator and no name of a client can make it slow.
 */
export class NamePatterns implements AllowedModels {
  private readonly exact: ReadonlySet<string>;
  private readonly patterns: readonly (readonly string[])[];

  constructor(names: readonly string[]) {
    this.exact = new Set(names.filter((name) => !name.includes(ANYTHING)));
    this.patterns = names.filter((name) => name.includes(ANYTHING)).map((name) => name.split(ANYTHING));
  }

  includes(...names: readonly string[]): boolean {
    return names.some((name) => this.exact.has(name) || this.patterns.some((pieces) => fits(name, pieces)));
  }
}

/** `pieces` are what stands before, between and after the stars: two at least. */
function fits(name: string, pieces: readonly string[]): boolean {
  const first = pieces[0]!;
  const last = pieces.at(-1)!;
  const end = name.length - last.length;
  if (!name.startsWith(first) || !name.endsWith(last)) return false;
  let at = first.length;
  for (const piece of pieces.slice(1, -1)) {
    const found = name.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return at <= end;
}
