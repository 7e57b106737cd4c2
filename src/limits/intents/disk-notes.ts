import type { Log } from '../../platform/index.js';
import type { Intent } from './intents.store.js';

interface Waiting {
  readonly intent: Intent;
  readonly resolve: (isKept: boolean) => void;
}

/**
 * Where calls are noted while the database does not take them: on the disk of this process, from where they come to the ledger. One
 * write is under way at a time, and whatever comes meanwhile goes with the next: calls share an fsync.
 */
export class DiskNotes {
  private readonly waiting: Waiting[] = [];
  private writing: Promise<void> | undefined;
  private isFailing = false;

  /** `keep` resolves when the calls outlive this process, and rejects where the disk does not take them. */
  constructor(
    private readonly keep: (intents: readonly Intent[]) => Promise<void>,
    private readonly log: Log,
  ) {}

  /** Resolves when it is durable. False = the disk has failed as well: the call goes out, and a crash may lose it. Never rejects. */
  note(intent: Intent): Promise<boolean> {
    return new Promise((resolve) => {
      this.waiting.push({ intent, resolve });
      this.writing ??= this.writeAll();
    });
  }

  private async writeAll(): Promise<void> {
    // Whatever comes in the same turn goes along.
    await new Promise(setImmediate);
    while (this.waiting.length > 0) {
      const batch = this.waiting.splice(0);
      await this.keep(batch.map(({ intent }) => intent)).then(
        () => (this.isFailing = false),
        (error: unknown) => this.noteFailure(error),
      );
      for (const { resolve } of batch) resolve(!this.isFailing);
    }
    this.writing = undefined;
  }

  private noteFailure(error: unknown): void {
    if (!this.isFailing)
      this.log.warn({ event: 'intents_unwritten', reason: String(error) }, 'Calls go out before they are noted anywhere.');
    this.isFailing = true;
  }
}
