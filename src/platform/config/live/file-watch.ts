/** What a watch needs to know. */
export interface WatchTerms {
  readonly everyMs: number;
  /** Another text whenever what is watched may have changed. */
  readonly look: () => Promise<string>;
  /** Is what looks like this already known? */
  readonly knows: (look: string) => boolean;
  readonly onChange: () => void;
}

/**
 * Looks again and again, which finds whatever editors, deployments and ConfigMaps do to a file: written, renamed over, behind
 * another link, gone. A change counts when two looks in a row are the same, so that a file half written is not judged.
 */
export class FileWatch {
  private last: string | undefined;
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(private readonly terms: WatchTerms) {}

  start(): void {
    if (this.stopped) return;
    this.timer = setTimeout(() => void this.look().finally(() => this.start()), this.terms.everyMs).unref();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private async look(): Promise<void> {
    const now = await this.terms.look();
    const isSettled = now === this.last;
    this.last = now;
    if (isSettled && !this.stopped && !this.terms.knows(now)) this.terms.onChange();
  }
}
