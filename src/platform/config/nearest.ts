/** The name that a misspelt one was most likely meant to be, if one is near enough to be worth asking about. */
export function findNearest(
  written: string,
  names: readonly string[],
  mostEdits = Math.max(1, Math.floor(written.length / 3)),
): string | undefined {
  let best: string | undefined;
  let least = mostEdits + 1;
  for (const name of names) {
    const steps = editDistance(written.toLowerCase(), name.toLowerCase(), least);
    if (steps < least) [best, least] = [name, steps];
  }
  return best;
}

/** Insertions, removals, replacements and swaps of neighbours; gives up at `limit`. */
function editDistance(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) >= limit) return limit;
  let before: number[] = [];
  let above = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let row = 1; row <= left.length; row++) {
    const current = [row];
    for (let column = 1; column <= right.length; column++) {
      const same = left[row - 1] === right[column - 1];
      const swapped = row > 1 && column > 1 && left[row - 1] === right[column - 2] && left[row - 2] === right[column - 1];
      const steps = Math.min(above[column]! + 1, current[column - 1]! + 1, above[column - 1]! + (same ? 0 : 1));
      current.push(swapped ? Math.min(steps, before[column - 2]! + 1) : steps);
    }
    [before, above] = [above, current];
  }
  return above[right.length]!;
}
