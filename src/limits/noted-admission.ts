import type { OnApplicationShutdown } from '@nestjs/common';
import { GatewayError } from '../core/errors.js';
import type { Settled, Settlement } from '../core/settlement.js';
import type { Estate, HoldName } from './admission-store.js';
import type { Admission, AdmissionRequest, Hold, LimitReading, Payer, RebuildingLedger } from './admission.js';
import type { BudgetReadings } from './budgets/budget-standing.js';
import type { Intents } from './intents/intents.js';
import { UnstoredMoney } from './intents/unstored-money.js';
import type { LocalAdmission } from './local-admission.js';
import { takenBy } from './taken-by.js';

const BUDGET_LIMIT = 'budget ';

/**
 * Admission for the only process, which has each call noted in the database before it goes out: it may be killed, too. Whoever comes
 * then charges what was noted and has no row, so that money is given back only when the database knows what a call has cost.
 */
export class NotedAdmission implements Admission, OnApplicationShutdown {
  private readonly ready: Promise<RebuildingLedger>;
  private noteLedger!: (ledger: RebuildingLedger) => void;
  private readonly unstored: UnstoredMoney;
  /** They went out without a note, and get none any more. */
  private readonly unnoted = new WeakSet<Hold>();

  constructor(
    private readonly local: LocalAdmission,
    private readonly intents: Pick<Intents, 'note' | 'replace' | 'correct' | 'done' | 'close'>,
    private readonly owner: string,
  ) {
    this.unstored = new UnstoredMoney((callId, actual, onNoted) => intents.correct(callId, actual, onNoted));
    this.ready = new Promise((resolve) => (this.noteLedger = resolve));
  }

  /** Where what the process before has left is written to; known once everything is made. */
  get ledger(): Promise<RebuildingLedger> {
    return this.ready;
  }

  admit(request: AdmissionRequest): Promise<Hold> {
    try {
      return this.note(this.local.admit(request), request);
    } catch (error) {
      // A refusal, and nothing was noted.
      return this.admitLater(request, error);
    }
  }

  /** What a call takes up besides its money is given back at once. */
  settle(hold: Hold, settlement: Pick<Settlement, 'whenSettled'>): void {
    const { heldCostNanoUsd } = hold;
    if (heldCostNanoUsd === undefined) return this.local.settle(hold, settlement);
    this.local.release(hold);
    settlement.whenSettled((settled) => this.charge(hold, heldCostNanoUsd, settled));
  }

  confirm({ callId }: HoldName): void {
    this.intents.done(callId);
    this.unstored.known(callId);
  }

  kept({ callId }: HoldName): void {
    this.unstored.known(callId);
  }

  /** What others have left is found when this one takes their place. */
  inherit(): Promise<Estate> {
    return this.local.inherit();
  }

  interrupt(): Promise<void> {
    return this.local.interrupt();
  }

  look(payer: Payer): Promise<readonly LimitReading[]> {
    return this.local.look(payer);
  }

  get readings(): BudgetReadings {
    return this.local.readings;
  }

  rebuildFrom(ledger: RebuildingLedger): void {
    this.noteLedger(ledger);
  }

  async onApplicationShutdown(): Promise<void> {
    this.unstored.stop();
    await this.intents.close();
  }

  private async note(hold: Hold, request: AdmissionRequest): Promise<Hold> {
    const { callId, tenant, heldCostNanoUsd, budgets } = hold;
    const worst = { tokens: heldCostNanoUsd === undefined ? 0 : request.worstCase(true).tokens, costNanoUsd: heldCostNanoUsd ?? 0n };
    const mayBeNoted = await this.intents.note({ callId, tenant, owner: this.owner, memo: request.memo(budgets), worst });
    if (!mayBeNoted) this.unnoted.add(hold);
    return hold;
  }

  /** A call that has no room beside calls that are over is tried once more when they have given their money back. */
  private admitLater(request: AdmissionRequest, error: unknown): Promise<Hold> {
    const limit = error instanceof GatewayError ? error.details.limit : undefined;
    const freed = limit?.startsWith(BUDGET_LIMIT) ? this.unstored.whenFreed(limit.slice(BUDGET_LIMIT.length)) : undefined;
    if (!freed) throw error;
    return freed.then(() => this.note(this.local.admit(request), request));
  }

  private charge(hold: Hold, heldCostNanoUsd: bigint, settled: Settled): void {
    const actual = takenBy(settled);
    const givesNothingBack = actual.costNanoUsd >= heldCostNanoUsd;
    if (givesNothingBack || this.unnoted.has(hold) || this.intents.replace(hold.callId, actual)) return this.local.charge(hold, actual);
    this.local.chargeTokens(hold, actual);
    this.unstored.add(hold, actual, () => this.local.charge(hold, actual));
  }
}
