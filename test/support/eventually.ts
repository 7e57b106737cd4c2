import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 20;

/** Waits until `isSo` holds: as short as it can be, and no longer than `withinMs`. */
export async function eventually(isSo: () => boolean | Promise<boolean>, withinMs = 10_000): Promise<void> {
  const startedAt = performance.now();
  while (!(await isSo())) {
    if (performance.now() - startedAt > withinMs) throw new Error(`Not so within ${withinMs} ms: ${isSo.toString()}`);
    await sleep(POLL_MS);
  }
}
