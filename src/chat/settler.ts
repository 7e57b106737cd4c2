import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Alerts } from '../alerts/index.js';
import type { CallRecord } from '../core/call.js';
import { costOf, priceFor } from '../core/price.js';
import { NO_USAGE, type Usage, type UsageSource } from '../core/usage.js';
import { DIALECTS } from '../dialects/index.js';
import { ADMISSION, type Admission } from '../limits/index.js';
import { CONFIG, type Config, LOG, type Log, TokenCounter } from '../platform/index.js';
import { Ledger, toLedgerLine } from '../usage/index.js';
import type { ClientStream } from './client-stream.js';
import { estimatedTokens } from './estimated-tokens.js';
import type { LiveCall } from './live-call.js';

interface Times {
  readonly durationMs: number;
  readonly status: number;
}

/** What a call has used, and who says so. */
interface Used {
  readonly usage: Usage;
  readonly source: UsageSource;
  /** In the place of what the usage costs. */
  readonly costNanoUsd?: bigint;
}

/** Closes the books on a call: what it used, what that cost, one ledger event, one log line. */
@Injectable()
export class Settler implements OnApplicationShutdown {
  private readonly counting = new Set<Promise<void>>();

  constructor(
    private readonly ledger: Ledger,
    private readonly tokens: TokenCounter,
    @Inject(ADMISSION) private readonly admission: Pick<Admission, 'confirm'>,
    private readonly alerts: Alerts,
    @Inject(CONFIG) private readonly config: Pick<Config, 'billing'>,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** Never throws and is not waited for: the client has its answer. Only calls that must be counted take more than this turn. */
  settle(live: LiveCall, client: ClientStream): void {
    const times = { durationMs: live.elapsedMs(), status: client.status };
    const reported = live.reader?.reading.usage;
    if (reported) return this.write(live, times, { usage: reported, source: 'provider' });
    if (!mayHaveBeenBilled(live)) return this.write(live, times, { usage: NO_USAGE, source: 'counted' });
    const held = this.config.billing.onUnknownUsage === 'held' ? heldBy(live) : undefined;
    if (held) return this.write(live, times, held);
    const counted = this.count(live)
      .then((used) => this.write(live, times, used))
      .catch((error: unknown) => this.log.error({ event: 'settlement_failed', call_id: live.call.callId, err: error }))
      .finally(() => this.counting.delete(counted));
    this.counting.add(counted);
  }

  /** What is still being counted gets its row before the ledger closes. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.counting);
  }

  private write(live: LiveCall, times: Times, used: Used): void {
    const record = toRecord(live, times, used);
    const line = toLedgerLine(record);
    const { hold } = live;
    this.ledger.append(line, hold && (() => this.admission.confirm(hold)));
    live.settlement.settle({ record, line });
    const held = hold?.heldCostNanoUsd;
    if (held !== undefined && (live.isBeyondBound || record.costNanoUsd > held)) this.alertOf(record, held);
  }

  /** A provider charges more than its limits allow: a budget may be exceeded by it. Once a day for each model. */
  private alertOf({ call, provider, model, costNanoUsd }: CallRecord, heldCostNanoUsd: bigint): void {
    const day = new Date(call.admittedAt).toISOString().slice(0, 10);
    this.alerts.raise('bound_exceeded', `bound:${provider}/${model}:${day}`, {
      provider: provider ?? null,
      model: model ?? null,
      request_id: call.requestId,
      held_nano_usd: String(heldCostNanoUsd),
      cost_nano_usd: String(costNanoUsd),
    });
  }

  /** Our own count of the prompt and of what was generated, for answers whose provider did not come to its report. */
  private async count(live: LiveCall): Promise<Used> {
    const { request } = live.call;
    const prompt = DIALECTS[request.dialect].prompt(request);
    const generated = live.reader?.reading.generatedText() ?? '';
    const counts = await this.tokens.count([...prompt.texts, generated]);
    const input = counts ? sum(counts.slice(0, -1)) : sum(prompt.texts.map(estimatedTokens));
    const output = counts ? counts.at(-1)! : estimatedTokens(generated);
    return { usage: { ...NO_USAGE, input: input + prompt.extraTokens, output }, source: counts ? 'counted' : 'estimated' };
  }
}

function toRecord(live: LiveCall, times: Times, { usage, source, costNanoUsd }: Used): CallRecord {
  const { target } = live;
  const priced = target?.priced;
  return {
    call: live.call,
    provider: target?.provider.name,
    model: target?.model,
    metricModel: target?.metricModel ?? 'other',
    status: times.status,
    ending: live.ending,
    errorKind: live.error?.kind,
    usage,
    usageSource: source,
    costNanoUsd: costNanoUsd ?? (priced ? costOf(usage, priceFor(priced, usage)) : 0n),
    priceVersion: priced?.version,
    providerCostNanoUsd: live.reader?.reading.costNanoUsd,
    durationMs: times.durationMs,
    firstTokenMs: live.firstByteMs,
    overheadUs: Math.round(live.overheadMs * 1000),
    attempts: live.attempts,
    budgets: live.hold?.budgets ?? [],
  };
}

/**
 * What was held, for an answer whose provider did not come to its report: a model may have reasoned unseen, and whoever leaves early
 * under a budget would have its thoughts for nothing. Undefined where no budget binds.
 */
function heldBy({ hold, bound, target, clampedTo, call }: LiveCall): Used | undefined {
  const costNanoUsd = hold?.heldCostNanoUsd;
  if (!bound || costNanoUsd === undefined) return undefined;
  const { inputTokens, outputTokens } =
    bound.targets.find(({ provider, model }) => provider === target?.provider.name && model === target.model) ?? bound;
  const output = (clampedTo ?? outputTokens) * Math.max(1, call.request.choices);
  return { usage: { ...NO_USAGE, input: inputTokens, output }, source: 'estimated', costNanoUsd };
}

/** A provider that answered has worked for us, and so may one that was asked before the client left; a failed one has not. */
function mayHaveBeenBilled(live: LiveCall): boolean {
  return live.firstByteMs !== undefined || live.attempts.at(-1)?.outcome === 'client_closed';
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, count) => total + count, 0);
}
