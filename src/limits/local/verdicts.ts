import type { Admitted, Ask, Figure, Refused, Verdict } from '../admission-store.js';
import type { Bound, RateBound } from '../bounds.js';
import { type Counter, type Misfit, type Moment, type Taken, WindowCounter } from './counters.js';

/** What a call would be held at: its worst case, or where the budgets have no room for that, all that is left, down to the least. */
export function heldOf(
  { bounds, worst: { tokens, costNanoUsd }, leastCostNanoUsd }: Ask,
  counters: readonly Counter[],
  now: Moment,
): Taken {
  let granted = costNanoUsd;
  for (let at = 0; granted > leastCostNanoUsd && at < bounds.length; at += 1) {
    const room = counters[at]!.room(bounds[at]!, now);
    if (room !== undefined && room < granted) granted = room;
  }
  return { requests: 1, tokens, costNanoUsd: granted < leastCostNanoUsd ? leastCostNanoUsd : granted };
}

/** Undefined = the call fits everywhere. */
export function objectionTo(bounds: readonly Bound[], counters: readonly Counter[], held: Taken, now: Moment): Verdict | undefined {
  let misfit: (Misfit & { readonly bound: Bound }) | undefined;
  for (let at = 0; at < bounds.length; at += 1) {
    const bound = bounds[at]!;
    if (bound.kind === 'budget' && (now.epochMs < bound.startsAt || now.epochMs >= bound.endsAt)) {
      return { outcome: 'stale', nowMs: now.epochMs };
    }
    const found = counters[at]!.misfit(bound, held, now);
    if (found && (!misfit || (found.resetMs ?? 0) > (misfit.resetMs ?? 0))) misfit = { bound, ...found };
  }
  return misfit && ({ outcome: 'refused', ...misfit } satisfies Refused);
}

export function toAdmitted(
  bounds: readonly Bound[],
  counters: readonly Counter[],
  heldCostNanoUsd: bigint,
  { elapsedMs }: Moment,
): Admitted {
  let requests: Figure | undefined;
  let tokens: Figure | undefined;
  for (let at = 0; at < bounds.length; at += 1) {
    const bound = bounds[at]!;
    const counter = counters[at]!;
    if (!(counter instanceof WindowCounter)) continue;
    if (bound.kind === 'requests') requests = tighter(requests, bound, counter, elapsedMs);
    else if (bound.kind === 'tokens') tokens = tighter(tokens, bound, counter, elapsedMs);
  }
  return { outcome: 'admitted', requests, tokens, heldCostNanoUsd };
}

function tighter(than: Figure | undefined, { limit }: RateBound, { window }: WindowCounter, elapsedMs: number): Figure {
  const remaining = Math.max(0, limit - window.sum(elapsedMs));
  if (than && than.remaining <= remaining) return than;
  return { limit, remaining, resetMs: window.resetMs(elapsedMs, limit, 0) };
}
