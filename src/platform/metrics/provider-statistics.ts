import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../core/clock.js';
import type { ErrorKind } from '../../core/errors.js';
import { type AttemptEnd, RecentAttempts, type RecentLatency } from './recent-attempts.js';

/** What the attempts at one provider came to since the start, as numbers that count themselves on. */
export interface ProviderTotals {
  /** Attempts that were sent to it, those included that the client gave up. */
  readonly requests: number;
  readonly errors: ReadonlyMap<ErrorKind, number>;
}

export interface LastError {
  readonly kind: ErrorKind;
  /** Epoch milliseconds. */
  readonly at: number;
}

/** What the attempts of a while came to, those left out that the client gave up. */
export interface RecentOutcomes {
  readonly attempts: number;
  /** The share that was answered; undefined where there were none. */
  readonly successRate: number | undefined;
  /** The share that failed for reasons of the provider, not for what it was asked; undefined where there were none. */
  readonly failureRate: number | undefined;
}

/** Failures of the provider, or of the way to it. With any other kind it has refused this one request, and is alive. */
const FAILURES: ReadonlySet<ErrorKind> = new Set([
  'upstream_unavailable',
  'upstream_timeout',
  'upstream_protocol',
  'upstream_rate_limited',
] as const);

const NO_TOTALS: ProviderTotals = { requests: 0, errors: new Map() };

/** How the attempts at each provider went: since the start, and in the last five minutes. */
@Injectable()
export class ProviderStatistics {
  private readonly records = new Map<string, ProviderRecord>();

  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /**
   * Counts an attempt that was sent, once it is over. `failure`: undefined = answered whole. `durationMs`: from sending to the
   * end of the answer. It makes no object where the provider has been heard of.
   */
  observe(provider: string, failure: ErrorKind | undefined, durationMs: number): void {
    let record = this.records.get(provider);
    if (!record) this.records.set(provider, (record = new ProviderRecord()));
    record.requests++;
    if (failure === 'client_closed') return;
    record.recent.add(endOf(failure), durationMs, this.clock.elapsed());
    if (failure !== undefined) record.countError(failure, this.clock.now());
  }

  totals(provider: string): ProviderTotals {
    return this.records.get(provider) ?? NO_TOTALS;
  }

  lastError(provider: string): LastError | undefined {
    return this.records.get(provider)?.lastError;
  }

  /** Of the last `withinMs`; of five minutes, which is as far as memory goes, unless less is asked for. */
  outcomes(provider: string, withinMs?: number): RecentOutcomes {
    const { answered, refused, failed } = this.records.get(provider)?.recent.counts(this.clock.elapsed(), withinMs) ?? NO_COUNTS;
    const attempts = answered + refused + failed;
    const share = (count: number): number | undefined => (attempts === 0 ? undefined : count / attempts);
    return { attempts, successRate: share(answered), failureRate: share(failed) };
  }

  /** Of the answers of the last five minutes, from sending to their end. */
  latency(provider: string): RecentLatency {
    return this.records.get(provider)?.recent.latency(this.clock.elapsed()) ?? NO_LATENCY;
  }
}

const NO_COUNTS = { answered: 0, refused: 0, failed: 0 };
const NO_LATENCY: RecentLatency = { averageMs: undefined, p50Ms: undefined, p95Ms: undefined };

class ProviderRecord implements ProviderTotals {
  requests = 0;
  readonly errors = new Map<ErrorKind, number>();
  readonly recent = new RecentAttempts();
  private lastKind: ErrorKind | undefined;
  private lastAt = 0;

  countError(kind: ErrorKind, at: number): void {
    this.errors.set(kind, (this.errors.get(kind) ?? 0) + 1);
    this.lastKind = kind;
    this.lastAt = at;
  }

  get lastError(): LastError | undefined {
    return this.lastKind && { kind: this.lastKind, at: this.lastAt };
  }
}

function endOf(failure: ErrorKind | undefined): AttemptEnd {
  if (failure === undefined) return 'answered';
  return FAILURES.has(failure) ? 'failed' : 'refused';
}
