import { setTimeout as sleep } from 'node:timers/promises';

/** After a search that found nothing the next one waits so long: else refusals alone could keep a Redis busy. */
const REST_MS = 5;

/**
 * Searches that many ask for at the same time, by name. Whoever asks gets one that begins afterwards, and all who wait for it share it.
 */
export class Searches<Found> {
  private readonly running = new Map<string, Promise<unknown>>();
  private readonly waiting = new Map<string, Promise<Found>>();

  /** `isFruitful` tells whether another search may follow at once. */
  constructor(private readonly isFruitful: (found: Found) => boolean) {}

  run(name: string, search: () => Promise<Found>): Promise<Found> {
    let next = this.waiting.get(name);
    if (!next) this.waiting.set(name, (next = this.after(name, search)));
    return next;
  }

  private async after(name: string, search: () => Promise<Found>): Promise<Found> {
    await this.running.get(name);
    this.waiting.delete(name);
    const found = search();
    const rest = found.then(
      (result) => (this.isFruitful(result) ? undefined : sleep(REST_MS, undefined, { ref: false })),
      () => undefined,
    );
    this.running.set(name, rest);
    void rest.then(() => {
      if (this.running.get(name) === rest) this.running.delete(name);
    });
    return found;
  }
}
