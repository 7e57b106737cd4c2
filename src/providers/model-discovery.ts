/** What is worth a line in the log: other models than before, or that asking begins to fail. */
export interface DiscoveryReport {
  found(models: readonly string[]): void;
  failed(error: unknown): void;
}

export interface DiscoveryTerms {
  /** Asks for the models; gives up when `stop` is aborted. */
  readonly fetchModels: (stop: AbortSignal) => Promise<readonly string[]>;
  readonly everyMs: number;
}

/** Knows which models a server has by asking it again and again. What was found last holds while it cannot be asked. */
export class ModelDiscovery {
  private known: readonly string[] = [];
  private failing = false;
  private timer: NodeJS.Timeout | undefined;
  private readonly stopped = new AbortController();

  constructor(private readonly terms: DiscoveryTerms) {}

  /** Another list each time the models are others. */
  get models(): readonly string[] {
    return this.known;
  }

  /** Asks now and then again and again, until it is stopped. Nobody need wait for the first answer. */
  start(report: DiscoveryReport): void {
    void this.ask(report).then(() => {
      if (this.stopped.signal.aborted) return;
      this.timer = setTimeout(() => this.start(report), this.terms.everyMs).unref();
    });
  }

  stop(): void {
    clearTimeout(this.timer);
    this.stopped.abort();
  }

  private async ask(report: DiscoveryReport): Promise<void> {
    try {
      const models = await this.terms.fetchModels(this.stopped.signal);
      const isNews = this.failing || !isSame(models, this.known);
      this.failing = false;
      if (!isSame(models, this.known)) this.known = models;
      if (isNews) report.found(models);
    } catch (error) {
      if (this.failing || this.stopped.signal.aborted) return;
      this.failing = true;
      report.failed(error);
    }
  }
}

function isSame(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((model, at) => model === right[at]);
}
