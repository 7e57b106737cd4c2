const PAUSE_MS = 1_000;

interface Message {
  readonly say: () => Promise<unknown>;
  readonly acknowledged: (() => void) | undefined;
}

/** Says things until they are acknowledged: what must not be lost, and may be said twice. */
export class UntilAcknowledged {
  private underWay = 0;
  private unsaid: Message[] = [];
  private timer: NodeJS.Timeout | undefined;
  private whenQuiet: (() => void) | undefined;

  /** `failed` is told why something could not be said this time. */
  constructor(private readonly failed: (error: unknown) => void) {}

  /** `acknowledged` is called once. */
  say(say: Message['say'], acknowledged?: Message['acknowledged']): void {
    this.try({ say, acknowledged });
  }

  /** Tries once more, and returns how much could not be said. */
  async finish(): Promise<number> {
    await this.quiet();
    this.sayUnsaid();
    await this.quiet();
    clearTimeout(this.timer);
    return this.unsaid.length;
  }

  private try(message: Message): void {
    this.underWay += 1;
    message.say().then(
      () => this.end(message.acknowledged),
      (error: unknown) => this.end(() => this.later(message, error)),
    );
  }

  private end(then: (() => void) | undefined): void {
    then?.();
    this.underWay -= 1;
    if (this.underWay === 0) this.whenQuiet?.();
  }

  private async quiet(): Promise<void> {
    if (this.underWay > 0) await new Promise<void>((resolve) => (this.whenQuiet = resolve));
  }

  private later(message: Message, error: unknown): void {
    this.unsaid.push(message);
    this.timer ??= setTimeout(() => this.sayUnsaid(), PAUSE_MS).unref();
    this.failed(error);
  }

  private sayUnsaid(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    const { unsaid } = this;
    this.unsaid = [];
    for (const message of unsaid) this.try(message);
  }
}
