import type { AnswerReading } from '../core/answer.js';
import type { AttemptRecord } from '../core/call.js';
import { chargeOf, type PricedModel } from '../core/price.js';
import type { Usage } from '../core/usage.js';
import type { Config } from '../platform/index.js';
import type { LiveCall } from './live-call.js';

type Billing = Config['billing'];

/** What a call costs its tenant, and what that rests on. */
export interface CallCharge {
  /** Nano-dollars. */
  readonly costNanoUsd: bigint;
  /** Nano-dollars that attempts cost at their providers which made no answer, whoever pays for them. */
  readonly failedCostNanoUsd: bigint;
  readonly tierAbove: number | undefined;
  readonly serviceTier: string | undefined;
  /** It was answered in a tier of which nobody knows the price, and charged as in the usual one. */
  readonly isTierUnpriced: boolean;
  /** The provider's own figure was charged. */
  readonly isProviders: boolean;
}

/** What a call used; `costNanoUsd`, where it is there, stands in the place of what that costs. */
interface Used {
  readonly usage: Usage;
  readonly costNanoUsd?: bigint;
}

/** What a call is charged for what it used. */
export function chargeFor(live: LiveCall, { usage, costNanoUsd }: Used, billing: Billing): CallCharge {
  const priced = live.target?.priced;
  const { reading } = live;
  const serviceTier = reading?.serviceTier;
  const computed = priced && chargeOf(priced, usage, serviceTier);
  const providers = providersFigure(reading, billing);
  const own = providers ?? costNanoUsd ?? computed?.costNanoUsd ?? 0n;
  const failedCostNanoUsd = failedCostOf(live.attempts);
  const isComputed = providers === undefined && costNanoUsd === undefined;
  return {
    costNanoUsd: own + billedOf(failedCostNanoUsd, own, live, billing),
    failedCostNanoUsd,
    tierAbove: computed?.tierAbove,
    serviceTier,
    isTierUnpriced: serviceTier !== undefined && isComputed && own > 0n && computed?.factor === undefined,
    isProviders: providers !== undefined,
  };
}

/** What an attempt used and cost that made no answer, by its provider's report of it. */
export function usedInVain(
  reading: AnswerReading | undefined,
  priced: PricedModel | undefined,
  billing: Billing,
): Pick<AttemptRecord, 'usage' | 'costNanoUsd' | 'priceId' | 'serviceTier'> {
  const usage = reading?.usage;
  if (!usage) return NOTHING_USED;
  const { serviceTier } = reading;
  const costNanoUsd = providersFigure(reading, billing) ?? (priced && chargeOf(priced, usage, serviceTier).costNanoUsd);
  return { usage, costNanoUsd, priceId: priced?.id, serviceTier };
}

const NOTHING_USED = {};

function providersFigure(reading: AnswerReading | undefined, { costSource }: Billing): bigint | undefined {
  return costSource === 'provider' ? reading?.costNanoUsd : undefined;
}

function failedCostOf(attempts: readonly AttemptRecord[]): bigint {
  let sum = 0n;
  for (const { costNanoUsd } of attempts) if (costNanoUsd !== undefined) sum += costNanoUsd;
  return sum;
}

/** What the tenant pays of it. Nothing was held for attempts that fail, so that under a budget only what the answer left of its hold can be. */
function billedOf(failedCostNanoUsd: bigint, own: bigint, { hold }: LiveCall, { billFailedAttempts }: Billing): bigint {
  if (failedCostNanoUsd === 0n || billFailedAttempts !== 'tenant') return 0n;
  const held = hold?.heldCostNanoUsd;
  if (held === undefined || own + failedCostNanoUsd <= held) return failedCostNanoUsd;
  return held > own ? held - own : 0n;
}
