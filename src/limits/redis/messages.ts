import type { Admitted, Ask, Figure, Reading, Verdict } from '../admission-store.js';
import { type Bound, limitOf } from '../bounds.js';

const NEVER = -1;
const specs = new WeakMap<readonly Bound[], string>();

/** The bounds as `admit.lua` reads them. The same list comes with every call of a key, so it is written once. */
export function specOf(bounds: readonly Bound[]): string {
  let spec = specs.get(bounds);
  if (spec === undefined) specs.set(bounds, (spec = bounds.map(toText).join('\n')));
  return spec;
}

function toText(bound: Bound): string {
  const [from, to] = spanOf(bound);
  return `${bound.kind} ${bound.counter} ${limitOf(bound)} ${from} ${to}`;
}

function spanOf(bound: Bound): readonly [number, number | 'never'] {
  if ('windowMs' in bound) return [bound.windowMs, 0];
  if (bound.kind === 'calls') return [0, 0];
  return [bound.startsAt, bound.endsAt === Infinity ? 'never' : bound.endsAt];
}

/** What `admit.lua` says of one call. Its whole numbers are below 2^53, so they come exact. */
export function toVerdict({ bounds, worst }: Ask, reply: readonly number[]): Verdict {
  const [code, which = 0, used = 0, reset = 0] = reply;
  if (code === 1) return toAdmitted(bounds, reply);
  if (code === 3) return { outcome: 'ended' };
  const bound = bounds[which - 1]!;
  if (code === 2) return { outcome: 'stale', bound };
  return { outcome: 'refused', bound, used: BigInt(used), needed: neededOf(bound, worst), resetMs: toResetMs(reset) };
}

/** What `admit.lua` says where it only looks. */
export function toReadings(bounds: readonly Bound[], reply: readonly number[]): readonly Reading[] {
  return bounds.map((_, at) => ({ used: BigInt(reply[at * 3 + 1]!), held: BigInt(reply[at * 3 + 2]!) }));
}

function toAdmitted(bounds: readonly Bound[], reply: readonly number[]): Admitted {
  let requests: Figure | undefined;
  let tokens: Figure | undefined;
  for (let at = 0; at < bounds.length; at += 1) {
    const bound = bounds[at]!;
    if (bound.kind !== 'requests' && bound.kind !== 'tokens') continue;
    const figure = { limit: bound.limit, remaining: Math.max(0, bound.limit - reply[at * 3 + 1]!), resetMs: reply[at * 3 + 3]! };
    if (bound.kind === 'requests') requests = tighter(requests, figure);
    else tokens = tighter(tokens, figure);
  }
  return { outcome: 'admitted', requests, tokens };
}

function tighter(one: Figure | undefined, other: Figure): Figure {
  return one && one.remaining <= other.remaining ? one : other;
}

function neededOf(bound: Bound, worst: Ask['worst']): bigint {
  if (bound.kind === 'tokens') return BigInt(worst.tokens);
  return 'limitNanoUsd' in bound ? worst.costNanoUsd : 1n;
}

function toResetMs(reset: number): number | undefined {
  if (reset === NEVER) return Infinity;
  return reset < 0 ? undefined : reset;
}
