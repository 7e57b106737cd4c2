import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { CLOCK, type Clock } from '../core/clock.js';
import { ADMISSION, type Admission, type Estate, type OrphanedEvent, type OrphanedHold } from '../limits/index.js';
import { LOG, type Log } from '../platform/index.js';
import { Ledger, toInterruptedLine } from '../usage/index.js';

const INTERVAL_MS = 5_000;

/**
 * Brings to an end what gateways have left that died. The events of calls that they had settled are written to the ledger; calls that
 * they had not settled become interrupted rows at their worst case. Should this process die over it, another begins again: a call has
 * one row, whoever writes it.
 */
@Injectable()
export class Heir implements OnModuleInit, OnApplicationShutdown {
  /** Calls whose rows are on their way. */
  private readonly inHand = new Set<string>();
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> | undefined;

  constructor(
    @Inject(ADMISSION) private readonly admission: Pick<Admission, 'inherit' | 'interrupt' | 'confirm' | 'rebuildFrom'>,
    private readonly ledger: Ledger,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(LOG) private readonly log: Log,
  ) {}

  onModuleInit(): void {
    this.admission.rebuildFrom({
      flush: () => this.ledger.flush(),
      bury: (estate) => this.bury(estate),
      foresee: (holds) => this.ledger.foresee(holds.map((hold) => toInterruptedLine({ ...hold, ...hold.worst }, this.clock.now()).line)),
    });
    this.timer = setInterval(() => void this.look(), INTERVAL_MS).unref();
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    await this.working;
  }

  /** Takes over what there is; resolves when that is told to the ledger, and never rejects. */
  look(): Promise<void> {
    this.working ??= this.takeOver()
      .catch((error: unknown) =>
        this.log.warn({ event: 'estate_unread', reason: String(error) }, 'What others have left is looked for again.'),
      )
      .finally(() => (this.working = undefined));
    return this.working;
  }

  /** What stands in shards that are about to be rebuilt from the ledger: once it is there, nobody need be told. */
  private async bury({ holds, events }: Estate): Promise<void> {
    for (const { event } of events) this.ledger.append(event);
    for (const hold of holds) this.ledger.append(this.interruptedLine(hold).line);
    await this.ledger.flush();
  }

  private async takeOver(): Promise<void> {
    const { holds, events } = await this.admission.inherit();
    for (const event of events) this.writeEvent(event);
    for (const hold of holds) this.writeInterrupted(hold);
  }

  private writeEvent(orphan: OrphanedEvent): void {
    if (this.inHand.has(orphan.callId)) return;
    this.inHand.add(orphan.callId);
    this.ledger.append(orphan.event, () => {
      this.inHand.delete(orphan.callId);
      this.admission.confirm(orphan);
    });
  }

  private writeInterrupted(orphan: OrphanedHold): void {
    const { callId } = orphan;
    if (this.inHand.has(callId)) return;
    this.inHand.add(callId);
    const { line, admittedAt } = this.interruptedLine(orphan);
    this.ledger.append(line, () => void this.charge(orphan, admittedAt).finally(() => this.inHand.delete(callId)));
  }

  private interruptedLine({ worst, ...orphan }: OrphanedHold): ReturnType<typeof toInterruptedLine> {
    this.log.warn({ event: 'call_interrupted', call_id: orphan.callId }, 'The gateway of this call died; it is charged its worst case.');
    return toInterruptedLine({ ...orphan, ...worst }, this.clock.now());
  }

  /** What stands in the row: its gateway may have written the true one before it died. */
  private async charge(orphan: OrphanedHold, admittedAt: number): Promise<void> {
    try {
      const costs = await this.ledger.costsOf([{ admittedAt, callId: orphan.callId }]);
      await this.admission.interrupt(orphan, { ...orphan.worst, costNanoUsd: costs.get(orphan.callId) ?? orphan.worst.costNanoUsd });
    } catch (error) {
      // It is still held, so it is inherited once more.
      this.log.warn({ event: 'interruption_unsaid', call_id: orphan.callId, reason: String(error) });
    }
  }
}
