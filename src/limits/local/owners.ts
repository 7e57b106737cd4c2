import { LEASE_MS } from '../admission-store.js';

/** Who has said within the last lease that it lives. Times are epoch milliseconds. */
export class Owners {
  private readonly aliveUntil = new Map<string, number>();

  renew(owner: string, nowMs: number): void {
    this.aliveUntil.set(owner, nowMs + LEASE_MS);
  }

  isDead(owner: string, nowMs: number): boolean {
    const until = this.aliveUntil.get(owner);
    return until === undefined || until <= nowMs;
  }

  forgetTheDead(nowMs: number): void {
    for (const [owner, until] of this.aliveUntil) if (until <= nowMs) this.aliveUntil.delete(owner);
  }
}
