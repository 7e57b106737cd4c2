import type { Clock } from '../../core/clock.js';
import type { Log } from '../../platform/index.js';
import type { Intent, IntentsStore } from './intents.store.js';

/** A call waits no longer than this for a database that hangs. */
const PATIENCE_MS = 100;
/** After a failure calls go out unnoted for so long. */
const REST_MS = 1_000;
/** What is over is no hurry: it goes along with what begins, or after this. */
const OVER_MS = 100;

interface Waiting {
  readonly intent: Intent;
  readonly resolve: () => void;
}

/**
 * Makes it known before a call goes out that it does, in the database: should this process die, the next one finds it there. One
 * statement is under way at a time, and whatever comes meanwhile goes with the next: calls share a commit.
 */
export class Intents {
  private begun: Waiting[] = [];
  private over = new Set<string>();
  private writing: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private restsUntil = -Infinity;
  private isUnwell = false;

  constructor(
    private readonly store: Pick<IntentsStore, 'write'>,
    private readonly clock: Pick<Clock, 'elapsed'>,
    private readonly log: Log,
  ) {}

  /** Resolves when it is durable. Never rejects: while the database is away calls go on, and a crash may lose them. */
  note(intent: Intent): Promise<void> {
    if (this.clock.elapsed() < this.restsUntil) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        this.rest('it does not answer');
        resolve();
      }, PATIENCE_MS);
      const done = (): void => {
        clearTimeout(timer);
        resolve();
      };
      this.begun.push({ intent, resolve: done });
      this.write();
    });
  }

  /** Its row is in the ledger. */
  done(callId: string): void {
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
    this.writing ??= this.writeAll().finally(() => (this.writing = undefined));
  }

  private async writeAll(): Promise<void> {
    // Whatever comes in the same turn goes along.
    await new Promise(setImmediate);
    while (this.begun.length > 0 || this.over.size > 0) {
      const [begun, over] = this.takeAll();
      try {
        await this.store.write(
          begun.map(({ intent }) => intent),
          over,
        );
        this.isUnwell = false;
      } catch (error) {
        for (const callId of over) this.over.add(callId);
        this.rest(String(error));
        this.timer ??= setTimeout(() => this.write(), REST_MS).unref();
        return;
      } finally {
        for (const { resolve } of begun) resolve();
      }
    }
  }

  private takeAll(): readonly [readonly Waiting[], readonly string[]] {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { begun, over } = this;
    this.begun = [];
    this.over = new Set();
    // A call that was over before it could be noted need not be.
    return [begun.filter(({ intent }) => !over.has(intent.callId)), [...over]];
  }

  private rest(reason: string): void {
    this.restsUntil = this.clock.elapsed() + REST_MS;
    if (!this.isUnwell) this.log.warn({ event: 'intents_unwritten', reason }, 'Calls go out before the database has noted them.');
    this.isUnwell = true;
  }
}
