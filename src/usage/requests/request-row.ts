import type { Price, PriceFactor, PriceTier } from '../../core/price.js';
import type { Usage } from '../../core/usage.js';

/** A row of the ledger as lists show it. */
export interface RequestRow extends Usage {
  readonly callId: string;
  readonly requestId: string;
  readonly admittedAt: Date;
  readonly keyId: string;
  readonly tenant: string;
  readonly userId: string | null;
  readonly surface: string;
  readonly streamed: boolean;
  readonly modelAsked: string;
  readonly provider: string | null;
  readonly model: string | null;
  readonly status: number;
  readonly ending: string;
  readonly errorKind: string | null;
  readonly usageSource: string;
  readonly costNanoUsd: bigint;
  readonly providerCostNanoUsd: bigint | null;
  readonly failedCostNanoUsd: bigint;
  readonly priceVersion: string | null;
  readonly priceId: string | null;
  readonly tierAbove: number | null;
  readonly serviceTier: string | null;
  readonly durationMs: number;
  readonly firstTokenMs: number | null;
  readonly overheadUs: number;
  readonly attemptCount: number;
  readonly tags: unknown;
}

/** All of a row. */
export interface WholeRow extends RequestRow {
  /** A list of what became of each attempt; older rows say less of each. */
  readonly attempts: unknown;
  /** Each as `<budget id>@<bucket, epoch milliseconds>`. */
  readonly budgets: readonly string[] | null;
}

/** The prices that a call was charged by. */
export interface ChargedPrice {
  readonly base: Price;
  readonly tiers: readonly PriceTier[];
  /** By service tier. */
  readonly factors: Readonly<Record<string, PriceFactor>>;
}
