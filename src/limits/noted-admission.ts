import type { OnApplicationShutdown } from '@nestjs/common';
import type { Estate, HoldName } from './admission-store.js';
import type { Admission, AdmissionRequest, Hold, LimitReading, Payer, RebuildingLedger } from './admission.js';
import type { BudgetReadings } from './budgets/budget-standing.js';
import type { Intents } from './intents/intents.js';
import type { LocalAdmission } from './local-admission.js';

/** Admission for the only process, which has each call noted in the database before it goes out: it may be killed, too. */
export class NotedAdmission implements Admission, OnApplicationShutdown {
  readonly settle: Admission['settle'];
  private readonly ready: Promise<RebuildingLedger>;
  private noteLedger!: (ledger: RebuildingLedger) => void;

  constructor(
    private readonly local: LocalAdmission,
    private readonly intents: Pick<Intents, 'note' | 'done' | 'close'>,
    private readonly owner: string,
  ) {
    this.settle = local.settle.bind(local);
    this.ready = new Promise((resolve) => (this.noteLedger = resolve));
  }

  /** Where what the process before has left is written to; known once everything is made. */
  get ledger(): Promise<RebuildingLedger> {
    return this.ready;
  }

  admit(request: AdmissionRequest): Promise<Hold> {
    // A refusal is thrown here, and nothing is noted.
    const hold = this.local.admit(request);
    const { callId, tenant, heldCostNanoUsd, budgets } = hold;
    const worst = { tokens: heldCostNanoUsd === undefined ? 0 : request.worstCase(true).tokens, costNanoUsd: heldCostNanoUsd ?? 0n };
    return this.intents.note({ callId, tenant, owner: this.owner, memo: request.memo(budgets), worst }).then(() => hold);
  }

  confirm({ callId }: HoldName): void {
    this.intents.done(callId);
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
    await this.intents.close();
  }
}
