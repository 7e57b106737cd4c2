import type { Clock } from '../../core/clock.js';
import type { Log } from '../../platform/index.js';
import type { Amounts } from '../admission-store.js';
import type { DiskNotes } from './disk-notes.js';
import type { Correction, Intent, IntentsStore } from './intents.store.js';

/** A call waits no longer than this for a database that hangs; with all else it may wait for, it is not 250 ms late. */
const PATIENCE_MS = 200;
/** After a failure calls do not wait for so long, unless it answers before. */
const REST_MS = 1_000;
/** What is over is no hurry: it goes along with what begins, or after this. */
const OVER_MS = 100;
/** While neither the database nor the disk takes them, no more of them wait to be noted. */
const MOST_WAITING = 10_000;

interface Waiting {
  intent: Intent;
  /** Its call goes out. Resolving twice changes nothing. */
  readonly resolve: () => void;
  /** It was tried before, and nobody knows what came of that. */
  isUnsure: boolean;
}

interface Corrected extends Correction {
  readonly onNoted: () => void;
}

interface Batch {
  readonly begun: readonly Waiting[];
  readonly over: readonly string[];
  readonly corrected: readonly Corrected[];
}

const NOTHING: Batch = { begun: [], over: [], corrected: [] };

/**
 * Makes it known before a call goes out that it does, in the database: should this process die, the next one finds it there. One
 * statement is under way at a time, and whatever comes meanwhile goes with the next: calls share a commit.
 */
export class Intents {
  private begun = new Map<string, Waiting>();
  private over = new Set<string>();
  private corrected = new Map<string, Corrected>();
  /** Calls whose worst case stands on the disk: nothing but their row takes its place. */
  private readonly onDisk = new Set<string>();
  private writing: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private restsUntil = -Infinity;
  private isUnwell = false;

  constructor(
    private readonly store: Pick<IntentsStore, 'write'>,
    private readonly disk: Pick<DiskNotes, 'note'>,
    private readonly clock: Pick<Clock, 'elapsed'>,
    private readonly log: Log,
  ) {}

  /**
   * Resolves when it is durable: in the database, or where that does not answer soon on the disk. Never rejects. False = it is not noted
   * and will not be.
   */
  note(intent: Intent): Promise<boolean> {
    if (this.begun.size >= MOST_WAITING) return Promise.resolve(false);
    return new Promise((resolve) => {
      const isResting = this.clock.elapsed() < this.restsUntil;
      const timer = isResting ? undefined : setTimeout(() => this.giveUpOn(waiting), PATIENCE_MS);
      const done = (): void => {
        clearTimeout(timer);
        resolve(true);
      };
      const waiting: Waiting = { intent, resolve: done, isUnsure: false };
      this.begun.set(intent.callId, waiting);
      if (!isResting) return this.write();
      this.timer ??= setTimeout(() => this.write(), REST_MS).unref();
      this.noteOnDisk(waiting);
    });
  }

  /** A call has taken this and no more. True if it surely is what will be noted of it, as nothing has been yet. */
  replace(callId: string, actual: Amounts): boolean {
    const waiting = this.begun.get(callId);
    if (waiting) waiting.intent = { ...waiting.intent, worst: actual };
    return waiting !== undefined && !waiting.isUnsure && !this.onDisk.has(callId);
  }

  /** Notes of a call that it has taken this and no more. `onNoted` is called when that is durable, however long it takes, if it can be. */
  correct(callId: string, actual: Amounts, onNoted: () => void): void {
    if (this.onDisk.has(callId)) return;
    this.corrected.set(callId, { callId, actual, onNoted });
    this.write();
  }

  /** Its row is in the ledger. */
  done(callId: string): void {
    this.onDisk.delete(callId);
    this.over.add(callId);
    this.timer ??= setTimeout(() => this.write(), OVER_MS).unref();
  }

  /** Forgets what is over; what cannot be forgotten now is found to be over by the next process. */
  async close(): Promise<void> {
    await this.writing;
    this.write();
    await this.writing;
    clearTimeout(this.timer);
  }

  private write(): void {
    this.writing ??= this.writeAll();
  }

  private async writeAll(): Promise<void> {
    // Whatever comes in the same turn goes along.
    await new Promise(setImmediate);
    let isWell = true;
    while (isWell && this.hasWork) isWell = await this.writeBatch();
    // In the turn in which nothing is left: whatever comes after that begins anew.
    this.writing = undefined;
  }

  private get hasWork(): boolean {
    return this.begun.size > 0 || this.over.size > 0 || this.corrected.size > 0;
  }

  /** Resolves with whether the database took it. One that did not is asked with nothing at first: of what is not sent all is known. */
  private async writeBatch(): Promise<boolean> {
    const batch = this.isUnwell ? NOTHING : this.takeAll();
    const { begun, over, corrected } = batch;
    const intents = begun.map(({ intent }) => intent);
    try {
      await this.store.write(intents, over, corrected);
    } catch (error) {
      this.putBack(batch);
      this.rest(String(error));
      for (const waiting of begun) this.noteOnDisk(waiting);
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.write(), REST_MS).unref();
      return false;
    }
    for (const { resolve } of begun) resolve();
    this.isUnwell = false;
    this.restsUntil = -Infinity;
    for (const { onNoted } of corrected) onNoted();
    return true;
  }

  private takeAll(): Batch {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { begun, over, corrected } = this;
    this.begun = new Map();
    this.over = new Set();
    this.corrected = new Map();
    // A call that was over before it could be noted need not be.
    for (const callId of over) {
      begun.delete(callId);
      corrected.delete(callId);
    }
    return { begun: [...begun.values()], over: [...over], corrected: [...corrected.values()] };
  }

  /** Calls of which it is not known whether they were noted are so once more, though they go out. */
  private putBack({ begun, over, corrected }: Batch): void {
    for (const one of begun) this.begun.set(one.intent.callId, Object.assign(one, { isUnsure: true }));
    for (const callId of over) this.over.add(callId);
    for (const one of corrected) this.corrected.set(one.callId, one);
  }

  private giveUpOn(waiting: Waiting): void {
    this.rest('it does not answer');
    this.noteOnDisk(waiting);
  }

  /** What stands there need not wait for the database any more, however long that is away. */
  private noteOnDisk({ intent, resolve }: Waiting): void {
    const { callId } = intent;
    if (this.onDisk.has(callId)) return;
    this.onDisk.add(callId);
    void this.disk.note(intent).then((isKept) => {
      if (isKept) this.begun.delete(callId);
      else this.onDisk.delete(callId);
      resolve();
    });
  }

  private rest(reason: string): void {
    this.restsUntil = this.clock.elapsed() + REST_MS;
    if (!this.isUnwell) this.log.warn({ event: 'intents_unwritten', reason }, 'Calls are noted on the disk until the database takes them.');
    this.isUnwell = true;
  }
}
