import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../core/clock.js';
import type { Log, SingleProcess } from '../platform/index.js';
import type { SpendSnapshot, SpendStore } from './budgets/spend.store.js';
import type { LocalAdmission } from './local-admission.js';

const RETRY_MS = 1_000;

export interface LocalSeedingParts {
  readonly admission: Pick<LocalAdmission, 'seed' | 'restart'>;
  readonly spend: Pick<SpendStore, 'read'>;
  readonly single: Pick<SingleProcess, 'onTaken'>;
  /** Whether any other process has been the only one since this one was. */
  wasTakenByAnother(): Promise<boolean>;
  /** Writes what another process has left unfinished to the ledger, so that it is spent. */
  bury(): Promise<void>;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Tells the only process what was spent before it came: when it begins, and when it takes over from another, which may have spent
 * what this one has not counted. Where it had merely lost the database for a while, what it has counted is the truth.
 */
export class LocalSeeding {
  /** How often the lock was taken. */
  private turn = 0;
  private isStopped = false;
  private isKnown = false;
  /** What is counted goes back to what was read, and nobody else has spent since. */
  private isUnbroken = false;

  constructor(private readonly parts: LocalSeedingParts) {
    parts.single.onTaken(() => this.begin());
  }

  /** What was spent before is counted: until then nobody can say what a budget has left. */
  get isDone(): boolean {
    return this.isKnown;
  }

  stop(): void {
    this.isStopped = true;
  }

  private begin(): void {
    this.turn += 1;
    this.isKnown = false;
    void this.readUntilRead(this.turn);
  }

  /** What is read in an earlier turn may be older than what the other process has spent. */
  private async readUntilRead(turn: number): Promise<void> {
    const { spend, clock, log } = this.parts;
    for (let isFirst = true; !this.isStopped && turn === this.turn; isFirst = false) {
      try {
        await this.takeOver();
        const found = this.isUnbroken ? undefined : await spend.read({ nowMs: clock.now(), callIds: [], concerns: () => true });
        if (turn !== this.turn) return;
        if (found) this.seed(found);
        this.isKnown = true;
        return;
      } catch (error) {
        if (isFirst) log.warn({ event: 'spending_unread', reason: String(error) }, 'What was spent before is read again in a moment.');
        await sleep(RETRY_MS, undefined, { ref: false });
      }
    }
  }

  private async takeOver(): Promise<void> {
    const { admission, wasTakenByAnother, bury } = this.parts;
    const isTaken = await wasTakenByAnother();
    if (this.isUnbroken && isTaken) admission.restart();
    this.isUnbroken &&= !isTaken;
    if (!this.isUnbroken) await bury();
  }

  private seed({ seeds }: SpendSnapshot): void {
    const { admission, clock } = this.parts;
    const sinceEpoch = clock.now() - clock.elapsed();
    for (const { bound, spent } of seeds) {
      admission.seed(
        bound,
        spent.map(({ atMs, costNanoUsd }) => ({ elapsedMs: atMs - sinceEpoch, costNanoUsd })),
      );
    }
    this.isUnbroken = true;
  }
}
