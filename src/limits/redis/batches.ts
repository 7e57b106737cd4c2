interface Waiting<Item, Result> {
  readonly item: Item;
  resolve(result: Result): void;
  reject(reason: unknown): void;
}

/** One message holds so many at most: a script that runs for long keeps everybody else waiting. */
const MOST = 200;

/** Gathers what is said to one shard until `schedule` runs what it was given, and then says it in one message. */
export class Batches<Item, Result> {
  private readonly gathered = new Map<number, Waiting<Item, Result>[]>();
  private isScheduled = false;
  private readonly flushAll = (): void => {
    this.isScheduled = false;
    for (const shard of this.gathered.keys()) this.flush(shard);
  };

  /** `send` answers with one result for each item, in order. */
  constructor(
    private readonly send: (shard: number, items: readonly Item[]) => Promise<readonly Result[]>,
    private readonly schedule: (flush: () => void) => void,
  ) {}

  add(shard: number, item: Item): Promise<Result> {
    return new Promise((resolve, reject) => {
      const batch = this.gathered.get(shard);
      if (batch) batch.push({ item, resolve, reject });
      else this.gathered.set(shard, [{ item, resolve, reject }]);
      if (this.isScheduled) return;
      this.isScheduled = true;
      this.schedule(this.flushAll);
    });
  }

  /** Says at once what was gathered for a shard. */
  flush(shard: number): void {
    const batch = this.gathered.get(shard);
    if (!batch) return;
    this.gathered.delete(shard);
    for (let from = 0; from < batch.length; from += MOST) void this.say(shard, batch.slice(from, from + MOST));
  }

  private async say(shard: number, batch: readonly Waiting<Item, Result>[]): Promise<void> {
    try {
      const results = await this.send(
        shard,
        batch.map(({ item }) => item),
      );
      batch.forEach(({ resolve }, at) => resolve(results[at]!));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
