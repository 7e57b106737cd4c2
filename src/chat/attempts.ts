import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../core/clock.js';
import { type ErrorKind, GatewayError, toGatewayError } from '../core/errors.js';
import { PROVIDER_STATE, type ProviderState } from '../core/provider-state.js';
import type { Plan, Target } from '../core/target.js';
import { CONFIG, type Config, ProviderStatistics } from '../platform/index.js';
import { AttemptPlanner, type AttemptStep, type FailedAttempt, soonestRetryMs } from '../routing/index.js';
import { streamHeaders } from './answer-headers.js';
import type { ClientStream } from './client-stream.js';
import { Exchange } from './exchange.js';
import { KeepAlive } from './keep-alive.js';
import type { LiveCall } from './live-call.js';
import { pause } from './pause.js';
import { TargetPrices } from './target-prices.js';

/** Asks targets in the order of the plan and commits to the first whose first event arrives. */
@Injectable()
export class Attempts {
  private readonly planner: AttemptPlanner;

  constructor(
    private readonly prices: TargetPrices,
    private readonly statistics: ProviderStatistics,
    @Inject(PROVIDER_STATE) private readonly state: ProviderState,
    @Inject(CONFIG) private readonly config: Pick<Config, 'http' | 'billing' | 'retry'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.planner = new AttemptPlanner(config, Math.random);
  }

  /** Resolves when the client has the whole answer; rejects with the `GatewayError` that it must be told. */
  carry(plan: Plan, live: LiveCall, client: ClientStream): Promise<void> {
    return live.call.request.stream ? this.carryStream(plan, live, client) : this.tryInTurn(plan, live, client);
  }

  private async carryStream(plan: Plan, live: LiveCall, client: ClientStream): Promise<void> {
    const keepAlive = new KeepAlive(client, this.config.http.keepAliveIntervalMs, () => streamHeaders(live), this.clock);
    try {
      await this.tryInTurn(plan, live, client);
    } finally {
      keepAlive.stop();
    }
  }

  /**
   * Until the client has seen something, a recoverable failure is hidden behind the next attempt. After it, an error belongs
   * to the client: another attempt would repeat text.
   */
  private async tryInTurn(plan: Plan, live: LiveCall, client: ClientStream): Promise<void> {
    const failed: FailedAttempt[] = [];
    for (let step = this.next(plan, failed, live); step; step = this.next(plan, failed, live)) {
      if (step.delayMs > 0) await pause(step.delayMs, client);
      const failure = await this.attempt(step, live, client);
      if (!failure) return;
      failed.push(failure);
      if (live.firstByteMs !== undefined) break;
    }
    const failure = failed.length > 0 ? mostTelling(failed) : nobodyAsked(plan, live);
    live.wasRetriedEnough = failed.length === 0 || (this.config.retry.maxAttempts > 1 && isRetriedHere(failure, failed));
    throw failure;
  }

  private next(plan: Plan, failed: readonly FailedAttempt[], live: LiveCall): AttemptStep | undefined {
    return this.planner.next(plan, failed, { remainingMs: live.remainingMs(), isAccountPinned: live.pin !== undefined });
  }

  /**
   * One attempt, with a place at its provider while it lasts; what came in its way, or undefined if it was answered. Where nobody has
   * to be waited for it costs no more turns than the exchange itself.
   */
  private attempt(step: AttemptStep, live: LiveCall, client: ClientStream): Promise<FailedAttempt | undefined> | FailedAttempt {
    const { target } = step;
    if (!target.health.tryAcquire()) return { target, failure: breakerIsOpen(target), wasSent: false };
    const waiting = target.traffic.enter(
      () => client.abandoned,
      () => live.remainingMs(),
    );
    return waiting ? this.exchangeAfter(waiting, step, live, client) : this.exchange(step, live, client);
  }

  private async exchangeAfter(waiting: Promise<void>, step: AttemptStep, live: LiveCall, client: ClientStream) {
    const turnedAway = await waiting.then(() => undefined, toGatewayError);
    return turnedAway ? this.notSent(step.target, live, turnedAway) : this.exchange(step, live, client);
  }

  private async exchange({ target, isRepeat }: AttemptStep, live: LiveCall, client: ClientStream): Promise<FailedAttempt | undefined> {
    if (!isRepeat) target.traffic.countCall();
    const priced = this.prices.asked(target, live.call.admittedAt);
    live.begin(priced);
    const exchange = new Exchange(priced, live, client, this.clock, this.config.billing);
    let failure: GatewayError | undefined;
    try {
      await exchange.run();
      live.ending = 'complete';
      this.rememberIds(live);
    } catch (error) {
      failure = toGatewayError(error);
    } finally {
      target.traffic.leave();
    }
    return exchange.wasSent ? this.judge(target, exchange, live, failure) : this.notSent(target, live, failure!);
  }

  /** What the attempt says of its target, its provider and its account. */
  private judge(target: Target, exchange: Exchange, live: LiveCall, failure: GatewayError | undefined): FailedAttempt | undefined {
    target.health.report(exchange.report(failure));
    this.statistics.observe(target.provider.name, failure?.kind, exchange.durationMs);
    if (failure?.details.account) target.provider.rest(live.account, target.model, failure);
    return failure && { target, failure, wasSent: true };
  }

  /** Nothing was asked, so nothing was learned of the target. */
  private notSent(target: Target, { call }: LiveCall, failure: GatewayError): FailedAttempt {
    target.health.report({ failure: 'client_closed', stream: call.request.stream, firstEventMs: undefined, durationMs: 0 });
    return { target, failure, wasSent: false };
  }

  /** What the provider now keeps for this tenant, later calls of the tenant may name. */
  private rememberIds({ reader, target, account, call }: LiveCall): void {
    const ids = reader?.ids;
    if (ids && ids.length > 0) this.state.remember(call.caller.tenant, { provider: target!.provider.name, account }, ids);
  }
}

/** What the caller is told: of the failures that a provider has answered for the last, else whatever kept us from asking. */
function mostTelling(failed: readonly FailedAttempt[]): GatewayError {
  return (failed.findLast(({ wasSent }) => wasSent) ?? failed.at(-1)!).failure;
}

function nobodyAsked({ targets }: Plan, live: LiveCall): GatewayError {
  if (live.remainingMs() <= 0)
    return new GatewayError('upstream_timeout', 'The time of this call was up before a provider could be asked.');
  const message = 'Every provider of this model has failed too often and is left alone for a while. Try again later.';
  return new GatewayError('upstream_unavailable', message, { retryAfterMs: Math.max(1_000, soonestRetryMs(targets)) });
}

const RETRIED_HERE: ReadonlySet<ErrorKind> = new Set(['upstream_unavailable', 'upstream_timeout', 'upstream_protocol']);

/**
 * The clients' own libraries ask again after such an answer, and would make of one attempt as many as we have made. Of a
 * provider's rate limit they know when to come back.
 */
function isRetriedHere({ kind }: GatewayError, failed: readonly FailedAttempt[]): boolean {
  return RETRIED_HERE.has(kind) || (kind === 'upstream_rate_limited' && failed.length > 1);
}

function breakerIsOpen({ provider, model, health }: Target): GatewayError {
  const message = `The provider ${provider.name} has failed too often with \`${model}\` and is left alone for a while. Try again later.`;
  return new GatewayError('upstream_unavailable', message, { retryAfterMs: Math.max(1_000, health.retryInMs) });
}
