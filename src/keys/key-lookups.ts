import { inTime } from './in-time.js';
import type { KnownKey } from './known-key.js';

export type LoadKeys = (publicIds: readonly string[]) => Promise<ReadonlyMap<string, KnownKey>>;

interface Batch {
  readonly ids: Set<string>;
  readonly answer: Promise<ReadonlyMap<string, KnownKey>>;
  /** Resolves when `answer` has settled. */
  readonly over: Promise<void>;
}

/**
 * Looks keys up, one question at a time: whoever asks meanwhile shares the next one, and an id that is being asked for
 * is not asked for again. So a flood of made-up keys occupies one connection, never the pool.
 */
export class KeyLookups {
  private running: Batch | undefined;
  private next: Batch | undefined;

  constructor(private readonly load: LoadKeys) {}

  /** Ids that wait for the next question. */
  get waiting(): number {
    return this.next?.ids.size ?? 0;
  }

  /** Rejects when the database fails, or does not answer in time. */
  async find(publicId: string): Promise<KnownKey | undefined> {
    const batch = this.running?.ids.has(publicId) ? this.running : this.joinNext(publicId);
    return (await batch.answer).get(publicId);
  }

  private joinNext(publicId: string): Batch {
    this.next ??= this.begin();
    this.next.ids.add(publicId);
    return this.next;
  }

  private begin(): Batch {
    const start = this.running?.over ?? nextTurn();
    const answer = inTime(start.then(() => this.run(batch)));
    const end = (): void => {
      if (this.running === batch) this.running = undefined;
    };
    const batch: Batch = { ids: new Set(), answer, over: answer.then(end, end) };
    return batch;
  }

  private run(batch: Batch): Promise<ReadonlyMap<string, KnownKey>> {
    this.next = undefined;
    this.running = batch;
    return this.load([...batch.ids]);
  }
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
