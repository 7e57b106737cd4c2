import type { Clock } from '../core/clock.js';
import { GatewayError } from '../core/errors.js';

/** How long accounts rest, in milliseconds. */
export const RESTS = {
  /** One that is refused or has nothing left, where the provider does not say how long. It doubles while that goes on. */
  refusedMs: 60_000,
  longestRefusedMs: 600_000,
  /** One that has asked too often, where the provider does not say how long. */
  limitedMs: 1_000,
  longestLimitedMs: 60_000,
} as const;
/** A refusal that comes so long after the last one's rest is a new trouble, and rests begin short again. */
const FORGOTTEN_MS = 600_000;
/** Callers name models: so many of an account can rest by themselves, with names no longer than this. */
const MAX_MODELS = 100;
const MAX_NAME = 200;

const NEVER = -Infinity;

interface Rest {
  /** On the clock of spans, as every time here. */
  readonly untilMs: number;
  /** How long the last refusal's was; 0 where there was none. */
  readonly refusedMs: number;
}

interface Account {
  readonly fingerprint: string;
  whole: Rest | undefined;
  readonly ofModels: Map<string, Rest>;
}

const NO_REST: Rest = { untilMs: NEVER, refusedMs: 0 };

/** The accounts of one provider: they take turns, and one that is in trouble rests by itself. */
export class Accounts {
  private readonly accounts: readonly Account[];
  private turn = 0;
  /** When the last rest of all ends, so that the usual call need not look. */
  private restsUntilMs = NEVER;

  /** `fingerprints` has one at least. */
  constructor(
    fingerprints: readonly string[],
    private readonly clock: Clock,
  ) {
    this.accounts = fingerprints.map((fingerprint) => ({ fingerprint, whole: undefined, ofModels: new Map() }));
  }

  /** The index of the account to ask next: of those that do not rest in turn; if all do, the one that wakes first. */
  next(model: string): number {
    const { length } = this.accounts;
    if (length === 1) return 0;
    const index = this.anyRests() ? this.pick(model) : this.turn;
    this.turn = (index + 1) % length;
    return index;
  }

  /** The index of this very account, resting or not. Throws `not_found` if there is no such account. */
  indexOf(fingerprint: string): number {
    const index = this.accounts.findIndex((account) => account.fingerprint === fingerprint);
    if (index >= 0) return index;
    throw new GatewayError('not_found', 'What this request names was made with a provider account that is no longer configured here.');
  }

  fingerprint(index: number): string {
    return this.accounts[index]!.fingerprint;
  }

  /** How many do not rest for this model. */
  awake(model: string): number {
    if (!this.anyRests()) return this.accounts.length;
    const nowMs = this.clock.elapsed();
    return this.accounts.filter((account) => wakesAt(account, model) <= nowMs).length;
  }

  /**
   * Lays an account to rest for what an attempt with it came to, as `failure.details.account` says: for this model where it was
   * asked too often or may not use it (403), as a whole otherwise. A rest never becomes shorter by another failure.
   */
  rest(fingerprint: string, model: string, failure: GatewayError): void {
    const { account: trouble, status } = failure.details;
    const account = this.accounts.find((one) => one.fingerprint === fingerprint);
    if (!account || !trouble) return;
    const isOfModel = trouble === 'limited' || (trouble === 'refused' && status === 403);
    const before = (isOfModel ? account.ofModels.get(model) : account.whole) ?? NO_REST;
    const rest = lengthened(before, failure, this.clock.elapsed());
    if (isOfModel) keep(account.ofModels, model, rest);
    else account.whole = rest;
    this.restsUntilMs = Math.max(this.restsUntilMs, rest.untilMs);
  }

  private anyRests(): boolean {
    return this.restsUntilMs !== NEVER && this.restsUntilMs > this.clock.elapsed();
  }

  private pick(model: string): number {
    const nowMs = this.clock.elapsed();
    let first = this.turn;
    let firstMs = Infinity;
    for (let step = 0; step < this.accounts.length; step += 1) {
      const index = (this.turn + step) % this.accounts.length;
      const atMs = wakesAt(this.accounts[index]!, model);
      if (atMs <= nowMs) return index;
      if (atMs < firstMs) [first, firstMs] = [index, atMs];
    }
    return first;
  }
}

function wakesAt({ whole, ofModels }: Account, model: string): number {
  return Math.max(whole?.untilMs ?? NEVER, ofModels.get(model)?.untilMs ?? NEVER);
}

function lengthened(before: Rest, { details }: GatewayError, nowMs: number): Rest {
  if (details.account === 'limited') {
    // Who says "again at once" has still refused: the others take their turn first.
    const askedMs = Math.max(1, details.retryAfterMs ?? RESTS.limitedMs);
    const lengthMs = Math.min(askedMs, RESTS.longestLimitedMs);
    return { untilMs: Math.max(before.untilMs, nowMs + lengthMs), refusedMs: before.refusedMs };
  }
  const lengthMs = Math.min(details.retryAfterMs ?? refusedAgain(before, nowMs), RESTS.longestRefusedMs);
  return { untilMs: Math.max(before.untilMs, nowMs + lengthMs), refusedMs: lengthMs };
}

/** Of calls that were under way together each may be refused: that is one trouble. It goes on only if it is there after the rest. */
function refusedAgain({ untilMs, refusedMs }: Rest, nowMs: number): number {
  if (refusedMs === 0 || nowMs > untilMs + FORGOTTEN_MS) return RESTS.refusedMs;
  return nowMs < untilMs ? refusedMs : Math.max(RESTS.refusedMs, refusedMs * 2);
}

/** In the place of the rest that ends first, if there are too many. */
function keep(rests: Map<string, Rest>, model: string, rest: Rest): void {
  if (model.length > MAX_NAME) return;
  if (rests.size >= MAX_MODELS && !rests.has(model)) {
    const [first] = [...rests].reduce((one, other) => (other[1].untilMs < one[1].untilMs ? other : one));
    rests.delete(first);
  }
  rests.set(model, rest);
}
