/** The places of a half-open breaker. One that is never given back lapses, so that a lost call cannot keep the breaker from closing. */
export class Probes {
  /** When each was taken. */
  private taken: number[] = [];

  tryTake(places: number, lapseMs: number, nowMs: number): boolean {
    this.dropLapsed(lapseMs, nowMs);
    if (this.taken.length >= places) return false;
    this.taken.push(nowMs);
    return true;
  }

  /** A call is known by when it began; a place that has lapsed is not given back a second time. */
  giveBack(beganAtMs: number, lapseMs: number, nowMs: number): void {
    this.dropLapsed(lapseMs, nowMs);
    if (this.taken.length === 0 || beganAtMs <= nowMs - lapseMs) return;
    let nearest = 0;
    for (let at = 1; at < this.taken.length; at += 1) {
      if (Math.abs(this.taken[at]! - beganAtMs) < Math.abs(this.taken[nearest]! - beganAtMs)) nearest = at;
    }
    this.taken.splice(nearest, 1);
  }

  clear(): void {
    this.taken = [];
  }

  private dropLapsed(lapseMs: number, nowMs: number): void {
    while (this.taken.length > 0 && this.taken[0]! <= nowMs - lapseMs) this.taken.shift();
  }
}
