import type { Admitted, Ask, Estate, Figure, OrphanedEvent, OrphanedHold, Reading, Verdict } from '../admission-store.js';
import { type Bound, isBudget, limitOf } from '../bounds.js';

const NEVER = -1;
const specs = new WeakMap<readonly Bound[], string>();

/** What a slice was lent, to be credited in the step that admits a call. */
export interface Loan {
  readonly generation: number;
  readonly counter: string;
  /** All that was ever lent to this shard, as decimal text. */
  readonly total: string;
}

/** A call, and what was borrowed for it. */
export interface AskOnLoan {
  readonly ask: Ask;
  readonly loans: readonly Loan[];
  /** There is nothing more to borrow. */
  readonly isLast: boolean;
}

/** Slices of budgets on everything are too small: nothing has changed. */
export interface Short {
  readonly outcome: 'short';
  /** What the other budgets have room for, up to the worst case. */
  readonly wantedNanoUsd: bigint;
  readonly slices: readonly { readonly bound: Bound; readonly roomNanoUsd: bigint }[];
}

/** The bounds as the scripts read them. The same list comes with every call of a key, so it is written once. */
export function specOf(bounds: readonly Bound[]): string {
  let spec = specs.get(bounds);
  if (spec === undefined) specs.set(bounds, (spec = bounds.map(lineOf).join('\n')));
  return spec;
}

/** One bound as the scripts read it. */
export function lineOf(bound: Bound): string {
  const [from, to] = spanOf(bound);
  return `${bound.kind}${isLent(bound) ? '*' : ''} ${bound.counter} ${limitOf(bound)} ${from} ${to}`;
}

/** Above all tenants, so that no shard sees all that is spent: each has a slice. */
export function isLent(bound: Bound): boolean {
  return bound.scope === 'everything' && isBudget(bound);
}

function spanOf(bound: Bound): readonly [number, number | 'never'] {
  if ('windowMs' in bound) return [bound.windowMs, 0];
  if (bound.kind === 'calls') return [0, 0];
  return [bound.startsAt, bound.endsAt === Infinity ? 'never' : bound.endsAt];
}

/** What is common to all calls of a payer. */
type Terms = Pick<Ask, 'tenant' | 'owner' | 'bounds'>;

/** Among so many of the latest it is looked for whether the same was said before. */
const REMEMBERED_TERMS = 8;

/** Calls that want to be admitted, as `calls.lua` reads them; what they have in common comes first, and once. */
export class AskArguments {
  private readonly known: Terms[] = [];
  readonly terms: string[] = [];
  readonly asks: string[] = [];

  add({ ask, loans, isLast }: AskOnLoan): void {
    const { callId, worst, leastCostNanoUsd, memo } = ask;
    let head = `${this.termsOf(ask)} ${worst.tokens} ${worst.costNanoUsd} ${leastCostNanoUsd} ${isLast ? 1 : 0} ${callId}`;
    for (const { generation, counter, total } of loans) head += `\n${generation} ${counter} ${total}`;
    this.asks.push(head, memo);
  }

  /** Which of `terms` they are, counted from 1. */
  private termsOf(ask: Terms): number {
    const { known } = this;
    for (let at = known.length; at > 0 && at > known.length - REMEMBERED_TERMS; at -= 1) {
      const { tenant, owner, bounds } = known[at - 1]!;
      if (bounds === ask.bounds && tenant === ask.tenant && owner === ask.owner) return at;
    }
    this.terms.push(ask.tenant, ask.owner, specOf(ask.bounds));
    return known.push(ask);
  }
}

/** What `calls.lua` says of one call. Its whole numbers are below 2^53, so they come exact. */
export function toVerdict({ ask }: AskOnLoan, reply: string | readonly number[]): Verdict | Short {
  if (typeof reply === 'string') return toAdmitted(ask.bounds, reply);
  const [code, first = 0, used = 0, reset = 0] = reply;
  if (code === 2) return { outcome: 'stale', nowMs: first };
  if (code === 3) return { outcome: 'ended' };
  if (code === 4) return toShort(ask.bounds, reply);
  const bound = ask.bounds[first - 1]!;
  return { outcome: 'refused', bound, used: BigInt(used), needed: neededOf(bound, ask), resetMs: toResetMs(reset) };
}

/** What `look.lua` says. */
export function toReadings(bounds: readonly Bound[], reply: readonly number[]): readonly Reading[] {
  return bounds.map((_, at) => {
    const [used, held, reset] = reply.slice(at * 3, at * 3 + 3);
    return { used: BigInt(used!), held: BigInt(held!), resetMs: toResetMs(reset!) };
  });
}

/** `reply`: what is held of money, then for each window what is used of it and when that changes. */
function toAdmitted(bounds: readonly Bound[], reply: string): Admitted {
  const figures = reply.split(' ');
  let requests: Figure | undefined;
  let tokens: Figure | undefined;
  let at = 1;
  for (const bound of bounds) {
    if (bound.kind !== 'requests' && bound.kind !== 'tokens') continue;
    const figure = { limit: bound.limit, remaining: Math.max(0, bound.limit - Number(figures[at])), resetMs: Number(figures[at + 1]) };
    at += 2;
    if (bound.kind === 'requests') requests = tighter(requests, figure);
    else tokens = tighter(tokens, figure);
  }
  return { outcome: 'admitted', requests, tokens, heldCostNanoUsd: BigInt(figures[0]!) };
}

function toShort(bounds: readonly Bound[], [, wanted, ...slices]: readonly number[]): Short {
  const short = [];
  for (let at = 0; at < slices.length; at += 2) short.push({ bound: bounds[slices[at]! - 1]!, roomNanoUsd: BigInt(slices[at + 1]!) });
  return { outcome: 'short', wantedNanoUsd: BigInt(wanted!), slices: short };
}

function tighter(one: Figure | undefined, other: Figure): Figure {
  return one && one.remaining <= other.remaining ? one : other;
}

function neededOf(bound: Bound, { worst, leastCostNanoUsd }: Ask): bigint {
  if (bound.kind === 'tokens') return BigInt(worst.tokens);
  return isBudget(bound) ? leastCostNanoUsd : 1n;
}

export function toResetMs(reset: number): number | undefined {
  if (reset === NEVER) return Infinity;
  return reset < 0 ? undefined : reset;
}

/** The event of a call as its outbox keeps it; empty = nothing is kept. */
export function packEvent(tenant: string, event: string): string {
  return event === '' ? '' : `${encodeURIComponent(tenant)} ${event}`;
}

/** An event, and in whose outbox it is. */
interface KeptEvent extends OrphanedEvent {
  readonly owner: string;
}

function toEvent([callId, packed, owner]: readonly string[]): KeptEvent {
  const blank = packed!.indexOf(' ');
  const tenant = decodeURIComponent(packed!.slice(0, blank));
  return { callId: callId!, tenant, event: packed!.slice(blank + 1), owner: owner! };
}

function toHold([callId, tenant, tokens, cost, memo]: readonly string[]): OrphanedHold {
  return { callId: callId!, tenant: tenant!, worst: { tokens: Number(tokens), costNanoUsd: BigInt(cost!) }, memo: memo! };
}

/** What owners have left who have died. */
export interface Left {
  readonly holds: readonly OrphanedHold[];
  readonly events: readonly KeptEvent[];
}

/** What `inherit.lua` and `remains.lua` say. */
export function toLeft([holds, events]: readonly (readonly (readonly string[])[])[]): Left {
  return { holds: holds!.map(toHold), events: events!.map(toEvent) };
}

/** What heirs are told. */
export function toEstate(left: readonly Left[]): Estate {
  const events = left.flatMap((one) => one.events.map(({ callId, tenant, event }) => ({ callId, tenant, event })));
  return { holds: left.flatMap(({ holds }) => holds), events };
}
