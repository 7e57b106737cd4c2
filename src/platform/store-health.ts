import { setTimeout as sleep } from 'node:timers/promises';
import type { Clock } from '../core/clock.js';
import type { Log } from './log/log.js';
import { reasonOf } from './reason.js';

const INTERVAL_MS = 1_000;
const PROBE_TIMEOUT_MS = 1_000;

/** What the last check of a store found, and when (epoch milliseconds). */
export interface StoreHealth {
  readonly state: 'up' | 'down';
  readonly checkedAt: number;
}

/**
 * Looks after one store in the background: a probe a second, never two at a time, given up after a second. Whoever asks for
 * its health gets the latest result at once, so that no open route can make work for a store. A change is logged once.
 */
export class StoreWatch {
  private health: StoreHealth | undefined;
  private readonly stopped = new AbortController();

  constructor(
    private readonly store: 'postgres' | 'redis',
    private readonly probe: () => Promise<unknown>,
    private readonly clock: Clock,
    private readonly log: Log,
  ) {}

  get latest(): StoreHealth {
    return this.health ?? { state: 'down', checkedAt: this.clock.now() };
  }

  /** Resolves with the first result; further checks follow until `stop`. */
  async start(): Promise<StoreHealth> {
    const first = await this.check();
    void this.repeat();
    return first;
  }

  stop(): void {
    this.stopped.abort();
  }

  private async repeat(): Promise<void> {
    const { signal } = this.stopped;
    while (!signal.aborted) {
      await sleep(INTERVAL_MS, undefined, { ref: false, signal }).catch(() => undefined);
      if (!signal.aborted) await this.check();
    }
  }

  private async check(): Promise<StoreHealth> {
    const before = this.health?.state;
    const failure = await failureOf(this.probe);
    const health: StoreHealth = { state: failure === undefined ? 'up' : 'down', checkedAt: this.clock.now() };
    if (this.stopped.signal.aborted) return health;
    this.health = health;
    if (health.state === before) return health;
    if (failure !== undefined) this.log.warn({ event: 'store_down', store: this.store, reason: failure });
    else this.log.info({ event: 'store_up', store: this.store });
    return health;
  }
}

/** Why the probe failed, in words; undefined if it did not. */
async function failureOf(probe: () => Promise<unknown>): Promise<string | undefined> {
  const enough = new AbortController();
  const overdue = sleep(PROBE_TIMEOUT_MS, `no answer within ${PROBE_TIMEOUT_MS} ms`, { ref: false, signal: enough.signal });
  overdue.catch(() => undefined);
  try {
    return await Promise.race([probe().then(() => undefined), overdue]);
  } catch (error) {
    return reasonOf(error);
  } finally {
    enough.abort();
  }
}
