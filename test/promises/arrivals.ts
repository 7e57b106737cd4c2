import { setTimeout as sleep } from 'node:timers/promises';

const TICK_MS = 5;

/** Starts something so many times a second, whether what was started has ended or not, for so long. */
export async function arrive(perSecond: number, forMs: number, start: () => void): Promise<void> {
  const startedAt = performance.now();
  let begun = 0;
  for (;;) {
    const elapsedMs = performance.now() - startedAt;
    const due = Math.floor((Math.min(elapsedMs, forMs) * perSecond) / 1_000);
    for (; begun < due; begun += 1) start();
    if (elapsedMs >= forMs) return;
    await sleep(TICK_MS);
  }
}
