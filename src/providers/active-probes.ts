import { randomInt } from 'node:crypto';
import { Inject, Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { CLOCK, type Clock } from '../core/clock.js';
import { type Provider, PROVIDERS, type Providers } from '../core/provider.js';
import { CONFIG, type Config, LOG, type Log } from '../platform/index.js';

/** What the last probe of a provider found. */
export interface ProbeResult {
  readonly isUp: boolean;
  /** Epoch milliseconds. */
  readonly at: number;
  /** Why it is not, in a short text without secrets. */
  readonly reason: string | undefined;
}

const PATIENCE_MS = 5_000;
/** Replicas that were started together do not ask together. */
const JITTER = 0.2;

/**
 * Asks each provider again and again whether it is there, if the configuration wants it. What is found is for people to see
 * and opens no breaker: a list of models can be out of order while calls are answered, and the other way round.
 */
@Injectable()
export class ActiveProbes implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly results = new Map<string, ProbeResult>();
  private readonly stopped = new AbortController();
  private readonly intervalMs: number;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(PROVIDERS) private readonly providers: Providers,
    @Inject(CONFIG) config: Pick<Config, 'health'>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOG) private readonly log: Log,
  ) {
    this.intervalMs = config.health.probeIntervalMs;
  }

  onApplicationBootstrap(): void {
    if (this.intervalMs > 0) this.repeat();
  }

  onApplicationShutdown(): void {
    clearTimeout(this.timer);
    this.stopped.abort();
  }

  /** Undefined where it was not probed: because nobody wants it, or because it is no server. */
  latest(provider: string): ProbeResult | undefined {
    return this.results.get(provider);
  }

  /** Asks each once, all at the same time; resolves when the last has answered or was given up. */
  async look(): Promise<void> {
    for (const name of this.results.keys()) if (!this.providers.has(name)) this.results.delete(name);
    await Promise.all([...this.providers.values()].map((provider) => this.probe(provider)));
  }

  private repeat(): void {
    void this.look().then(() => {
      if (this.stopped.signal.aborted) return;
      const spread = Math.ceil(this.intervalMs * JITTER);
      this.timer = setTimeout(() => this.repeat(), this.intervalMs - spread + randomInt(2 * spread + 1)).unref();
    });
  }

  private async probe(provider: Provider): Promise<void> {
    if (!provider.probe) return;
    const enough = AbortSignal.any([this.stopped.signal, AbortSignal.timeout(PATIENCE_MS)]);
    const reason = await provider.probe(enough).then(
      () => undefined,
      (error: unknown) => provider.conceal(faultOf(error)).slice(0, 200),
    );
    if (this.stopped.signal.aborted) return;
    this.note(provider.name, { isUp: reason === undefined, at: this.clock.now(), reason });
  }

  private note(provider: string, result: ProbeResult): void {
    const wasUp = this.results.get(provider)?.isUp ?? true;
    this.results.set(provider, result);
    if (result.isUp === wasUp) return;
    if (result.isUp) this.log.info({ event: 'provider_probe_succeeded', provider });
    else this.log.warn({ event: 'provider_probe_failed', provider, reason: result.reason });
  }
}

/** The code of a failed connection, whose message would tell an address. */
function faultOf(error: unknown): string {
  const { code, message } = error as { readonly code?: unknown; readonly message?: unknown };
  return typeof code === 'string' && code !== '' ? code : String(message);
}
