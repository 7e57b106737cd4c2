import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Alerts } from '../alerts/index.js';
import type { CallRecord } from '../core/call.js';
import { ADMISSION, type Admission } from '../limits/index.js';
import { LOG, type Log } from '../platform/index.js';
import { Ledger, toLedgerLine } from '../usage/index.js';
import type { CallCharge } from './call-charge.js';
import type { ClientStream } from './client-stream.js';
import type { LiveCall } from './live-call.js';
import { type Used, UsageMeter } from './usage-meter.js';

interface Times {
  readonly durationMs: number;
  readonly status: number;
}

/** Closes the books on a call: what it used, what that cost, one ledger event, one log line. */
@Injectable()
export class Settler implements OnApplicationShutdown {
  private readonly counting = new Set<Promise<void>>();

  constructor(
    private readonly ledger: Ledger,
    private readonly meter: UsageMeter,
    @Inject(ADMISSION) private readonly admission: Pick<Admission, 'confirm' | 'kept'>,
    private readonly alerts: Alerts,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** Never throws and is not waited for: the client has its answer. Only calls that must be counted take more than this turn. */
  settle(live: LiveCall, client: ClientStream): void {
    const times = { durationMs: live.elapsedMs(), status: client.status };
    const used = this.meter.measure(live);
    if (!(used instanceof Promise)) return this.write(live, times, used);
    const counted = used
      .then((measured) => this.write(live, times, measured))
      .catch((error: unknown) => this.log.error({ event: 'settlement_failed', call_id: live.call.callId, err: error }))
      .finally(() => this.counting.delete(counted));
    this.counting.add(counted);
  }

  /** What is still being counted gets its row before the ledger closes. */
  async onApplicationShutdown(): Promise<void> {
    await Promise.all(this.counting);
  }

  private write(live: LiveCall, times: Times, used: Used): void {
    const charge = this.meter.charge(live, used);
    const record = toRecord(live, times, used, charge);
    const line = toLedgerLine(record);
    const { hold } = live;
    if (!hold) return this.ledger.append(line);
    this.ledger.append(
      line,
      () => this.admission.confirm(hold),
      () => this.admission.kept(hold),
    );
    live.settlement.settle({ record, line });
    if (record.priceVersion === undefined && record.model !== undefined && !charge.isProviders) this.tellOfNoPrice(record);
    if (charge.isTierUnpriced) this.tellOfTier(record);
    const held = hold?.heldCostNanoUsd;
    if (held !== undefined && (live.isBeyondBound || record.costNanoUsd > held)) this.alertOf(record, held);
  }

  /** Once for each model and day. */
  private tellOfNoPrice({ call, provider, model, metricModel }: CallRecord): void {
    // Names that nobody lists come from callers, and each would be an alert.
    const name = metricModel === 'other' ? 'other' : model;
    this.alerts.raise('model_unpriced', `unpriced:${provider}/${name}:${dayOf(call)}`, {
      provider: provider ?? null,
      model: model ?? null,
    });
  }

  /** Nobody knows what the provider takes for the tier that it has answered in. Once for each model, tier and day. */
  private tellOfTier({ call, provider, model, metricModel, serviceTier }: CallRecord): void {
    const name = metricModel === 'other' ? 'other' : model;
    this.alerts.raise('tier_unpriced', `tier:${provider}/${name}:${serviceTier}:${dayOf(call)}`, {
      provider: provider ?? null,
      model: model ?? null,
      service_tier: serviceTier ?? null,
    });
  }

  /** A provider charges more than its limits allow: a budget may be exceeded by it. Once a day for each model. */
  private alertOf({ call, provider, model, costNanoUsd }: CallRecord, heldCostNanoUsd: bigint): void {
    this.alerts.raise('bound_exceeded', `bound:${provider}/${model}:${dayOf(call)}`, {
      provider: provider ?? null,
      model: model ?? null,
      request_id: call.requestId,
      held_nano_usd: String(heldCostNanoUsd),
      cost_nano_usd: String(costNanoUsd),
    });
  }
}

function toRecord(live: LiveCall, times: Times, { usage, source }: Used, charge: CallCharge): CallRecord {
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
    costNanoUsd: charge.costNanoUsd,
    failedCostNanoUsd: charge.failedCostNanoUsd,
    priceVersion: priced?.version,
    priceId: priced?.id,
    tierAbove: charge.tierAbove,
    serviceTier: charge.serviceTier,
    providerCostNanoUsd: live.reading?.costNanoUsd,
    durationMs: times.durationMs,
    firstTokenMs: live.firstByteMs,
    overheadUs: Math.round(live.overheadMs * 1000),
    attempts: live.attempts,
    budgets: live.hold?.budgets ?? [],
  };
}

function dayOf({ admittedAt }: CallRecord['call']): string {
  return new Date(admittedAt).toISOString().slice(0, 10);
}
