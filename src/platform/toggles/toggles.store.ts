import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../core/clock.js';
import type { Actor } from '../audit/audit-entry.js';
import { Audit } from '../audit/audit.store.js';
import { notify } from '../database/notifications.js';
import { PrismaService } from '../database/prisma.service.js';
import type { Transaction } from '../database/transaction.js';

/** What the processes tell each other of changed toggles on; a message is the name of one. */
export const TOGGLES_CHANNEL = 'toggles';

@Injectable()
export class TogglesStore {
  constructor(
    private readonly prisma: PrismaService,
    private readonly audit: Audit,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** All toggles: name → value. */
  async load(): Promise<ReadonlyMap<string, string>> {
    const rows = await this.prisma.toggle.findMany({ select: { name: true, value: true } });
    return new Map(rows.map(({ name, value }) => [name, value]));
  }

  /** undefined takes the toggle away. Setting what is set already changes nothing, and tells nobody. */
  async write(name: string, value: string | undefined, changedBy: Actor): Promise<void> {
    await this.prisma.$transaction(async (transaction) => {
      // One change after another, so that each is recorded with what it really changed. Readers do not wait.
      await transaction.$executeRaw`LOCK TABLE toggles IN SHARE ROW EXCLUSIVE MODE`;
      const before = await transaction.toggle.findUnique({ where: { name } });
      if (before?.value === value) return;
      await this.put(transaction, name, value, changedBy.id);
      await this.audit.record(transaction, {
        actor: changedBy,
        action: value === undefined ? 'clear' : 'set',
        entity: 'toggle',
        entityId: name,
        before: before ? { value: before.value } : undefined,
        after: value === undefined ? undefined : { value },
      });
      await notify(transaction, TOGGLES_CHANNEL, name);
    });
  }

  private async put(transaction: Transaction, name: string, value: string | undefined, changedBy: string): Promise<void> {
    if (value === undefined) {
      await transaction.toggle.delete({ where: { name } });
      return;
    }
    const row = { value, changedAt: new Date(this.clock.now()), changedBy };
    await transaction.toggle.upsert({ where: { name }, create: { name, ...row }, update: row });
  }
}
