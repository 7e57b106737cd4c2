import { QUARTER_MS } from '../rollups/series.js';
import { DAY_MS } from './spans.js';

/** How often what is read there counts in which slot: −1 takes it out again. */
export type Targets = ReadonlyMap<number, number>;

/** A time, epoch milliseconds, `until` not included, and where what is read there counts. */
export interface Piece {
  readonly since: number;
  readonly until: number;
  readonly targets: Targets;
}

/** Where each moment of a report is read: in cells of a day, in cells of a quarter of an hour, or row by row. Sorted, apart from one another. */
export interface ReadingPlan {
  readonly days: readonly Piece[];
  readonly quarters: readonly Piece[];
  readonly rows: readonly Piece[];
}

interface Level {
  readonly whole: readonly Piece[];
  /** What no whole cell can say. */
  readonly rest: readonly Piece[];
}

const NOWHERE: Targets = new Map();

/**
 * The least reading for slots that touch (`bounds[n]` to `bounds[n + 1]`). A cell that a bound cuts is taken where most of it belongs,
 * and the smaller part of it is read finer, added where it belongs and taken out where it does not: a day that begins at 23:00 UTC costs
 * an hour of quarters, and one that is not over costs what is still to come, which is nothing.
 */
export function planReading(
  bounds: readonly number[],
  nowMs: number,
  cells: { readonly days: boolean; readonly quarters: boolean },
): ReadingPlan {
  const slots = bounds.slice(0, -1).map((since, slot) => ({ since, until: bounds[slot + 1]!, targets: new Map([[slot, 1]]) }));
  const days: Level = cells.days ? split(slots, DAY_MS, nowMs) : { whole: [], rest: slots };
  const quarters: Level = cells.quarters ? split(days.rest, QUARTER_MS, nowMs) : { whole: [], rest: days.rest };
  return { days: days.whole, quarters: quarters.whole, rows: quarters.rest };
}

/** What cells of this length say, and what is left over. */
function split(pieces: readonly Piece[], length: number, nowMs: number): Level {
  const whole: Piece[] = [];
  const rest: Piece[] = [];
  const cut = new Map<number, Piece[]>();
  const cutAt = (cell: number, piece: Piece): void => {
    const parts = cut.get(cell) ?? [];
    cut.set(cell, [...parts, { ...piece, since: Math.max(piece.since, cell), until: Math.min(piece.until, cell + length) }]);
  };
  for (const piece of pieces) {
    const [first, last] = [floor(piece.since, length), floor(piece.until, length)];
    const inner = first === piece.since ? first : first + length;
    if (inner < last) whole.push({ ...piece, since: inner, until: last });
    if (inner !== first) cutAt(first, piece);
    if (last !== piece.until && (last !== first || inner === first)) cutAt(last, piece);
  }
  for (const [cell, parts] of cut) {
    const base = cheapestBase(parts, cell, length, nowMs);
    if (base.size > 0) whole.push({ since: cell, until: cell + length, targets: base });
    rest.push(...withoutBase(base.size > 0 ? filled(parts, cell, length) : parts, base));
  }
  return { whole: joined(whole), rest: joined(rest) };
}

/** Where a cut cell is to count as a whole; nowhere, if reading its parts alone is not at least twice as much. */
function cheapestBase(parts: readonly Piece[], cell: number, length: number, nowMs: number): Targets {
  const past = ({ since, until }: Omit<Piece, 'targets'>): number => Math.max(0, Math.min(until, nowMs) - Math.min(since, nowMs));
  const direct = parts.reduce((sum, part) => sum + past(part), 0);
  const largest = parts.reduce((one, other) => (past(other) > past(one) ? other : one));
  const around = past({ since: cell, until: cell + length }) - past(largest);
  return around * 2 < direct ? largest.targets : NOWHERE;
}

/** All of the cell: what belongs nowhere, too. */
function filled(parts: readonly Piece[], cell: number, length: number): readonly Piece[] {
  const all: Piece[] = [];
  let at = cell;
  for (const part of parts.toSorted((one, other) => one.since - other.since)) {
    if (part.since > at) all.push({ since: at, until: part.since, targets: NOWHERE });
    all.push(part);
    at = part.until;
  }
  return at < cell + length ? [...all, { since: at, until: cell + length, targets: NOWHERE }] : all;
}

function withoutBase(parts: readonly Piece[], base: Targets): readonly Piece[] {
  return parts.map((part) => ({ ...part, targets: difference(part.targets, base) })).filter(({ targets }) => targets.size > 0);
}

function difference(one: Targets, other: Targets): Targets {
  const slots = new Set([...one.keys(), ...other.keys()]);
  const entries = [...slots].map((slot) => [slot, (one.get(slot) ?? 0) - (other.get(slot) ?? 0)] as const);
  return new Map(entries.filter(([, times]) => times !== 0));
}

/** In the order of time, with those in one that touch and count alike. */
function joined(pieces: readonly Piece[]): readonly Piece[] {
  const all: Piece[] = [];
  for (const piece of pieces.toSorted((one, other) => one.since - other.since)) {
    const last = all.at(-1);
    if (last?.until === piece.since && isSame(last.targets, piece.targets)) all[all.length - 1] = { ...last, until: piece.until };
    else all.push(piece);
  }
  return all;
}

function isSame(one: Targets, other: Targets): boolean {
  return one.size === other.size && [...one].every(([slot, times]) => other.get(slot) === times);
}

function floor(at: number, length: number): number {
  return at - (((at % length) + length) % length);
}
