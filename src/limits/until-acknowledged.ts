const PAUSE_MS = 1_000;

/** Says things until they are acknowledged: what must not be lost, and may be said twice. */
export class UntilAcknowledged {
  private readonly underWay = new Set<Promise<void>>();
  private readonly unsaid: (() => Promise<unknown>)[] = [];
  private timer: NodeJS.Timeout | undefined;

  say(message: () => Promise<unknown>): void {
    const said = message()
      .then(
        () => undefined,
        () => this.later(message),
      )
      .finally(() => this.underWay.delete(said));
    this.underWay.add(said);
  }

  /** Tries once more, and returns how much could not be said. */
  async finish(): Promise<number> {
    await Promise.all(this.underWay);
    this.sayUnsaid();
    await Promise.all(this.underWay);
    clearTimeout(this.timer);
    return this.unsaid.length;
  }

  private later(message: () => Promise<unknown>): void {
    this.unsaid.push(message);
    this.timer ??= setTimeout(() => this.sayUnsaid(), PAUSE_MS).unref();
  }

  private sayUnsaid(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    for (const message of this.unsaid.splice(0)) this.say(message);
  }
}
