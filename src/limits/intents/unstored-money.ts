import type { Amounts, HoldName } from '../admission-store.js';

/** A row that is not stored after this may not be for long. */
const LATE_MS = 1_000;
/** A call waits no longer than this for money that others are about to give back: a little more than rows wait for each other. */
const PATIENCE_MS = 250;

/** A call that is over. */
export interface Ended extends HoldName {
  /** What it is charged to: the `ref` of each budget. */
  readonly budgets: readonly string[];
}

interface UnstoredCall {
  readonly budgets: readonly string[];
  readonly actual: Amounts;
  readonly free: () => void;
  /** How often it was looked at. */
  looks: number;
}

/**
 * Calls that are over, but of which the database knows no more than what they might come to. Should this process die now, they are
 * charged that; so it stays held, and nobody else may spend of it, until the database knows better: by the row, or, where that
 * takes long, by what is said of the call in the row's place.
 */
export class UnstoredMoney {
  private readonly calls = new Map<string, UnstoredCall>();
  /** How many calls are charged to each `ref`. */
  private readonly charged = new Map<string, number>();
  private readonly waiting: (() => void)[] = [];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    /** Has noted what a call really took. `onNoted` is called when that is durable. */
    private readonly correct: (callId: string, actual: Amounts, onNoted: () => void) => void,
    private readonly lateMs = LATE_MS,
  ) {}

  /** `free` is called once, as soon as the database knows. */
  add({ callId, budgets }: Ended, actual: Amounts, free: () => void): void {
    if (this.calls.has(callId)) return;
    this.calls.set(callId, { budgets, actual, free, looks: 0 });
    for (const ref of budgets) this.charged.set(ref, (this.charged.get(ref) ?? 0) + 1);
    this.arm();
  }

  /** The database knows what became of the call. */
  known(callId: string): void {
    const call = this.calls.get(callId);
    if (!call) return;
    this.calls.delete(callId);
    for (const ref of call.budgets) this.uncharge(ref);
    call.free();
    for (const resolve of this.waiting.splice(0)) resolve();
  }

  /** Resolves when some money was given back, or after a short while; undefined where none of this budget will be. */
  whenFreed(budgetId: string): Promise<void> | undefined {
    let isCharged = false;
    for (const ref of this.charged.keys()) isCharged ||= ref.startsWith(`${budgetId}@`);
    if (!isCharged) return undefined;
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, PATIENCE_MS);
      this.waiting.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  /** Calls that are over and still held. */
  get size(): number {
    return this.calls.size;
  }

  stop(): void {
    clearTimeout(this.timer);
  }

  private uncharge(ref: string): void {
    const others = this.charged.get(ref)! - 1;
    if (others > 0) this.charged.set(ref, others);
    else this.charged.delete(ref);
  }

  private arm(): void {
    this.timer ??= setTimeout(() => {
      this.timer = undefined;
      this.lookForLate();
      if (this.calls.size > 0) this.arm();
    }, this.lateMs).unref();
  }

  /** Whatever was there the last time, too, is late. The oldest stand first. */
  private lookForLate(): void {
    for (const [callId, call] of this.calls) {
      call.looks += 1;
      if (call.looks === 2) this.correct(callId, call.actual, () => this.known(callId));
    }
  }
}
