import { Injectable } from '@nestjs/common';
import { notify, PrismaService, type Transaction } from '../platform/index.js';
import type { AlertFacts, AlertQuestion, StoredAlert } from './alert.js';

/** Dispatchers are told on it that there is something new; a message says no more than that. */
export const ALERTS_CHANNEL = 'alerts';

export type NewAlert = Omit<StoredAlert, 'routedAt'>;

@Injectable()
export class AlertsStore {
  constructor(private readonly prisma: PrismaService) {}

  /** Once per occasion: whoever comes later changes nothing, and tells nobody. */
  async insert(alert: NewAlert): Promise<void> {
    await this.prisma.$transaction((transaction) => insertAlert(transaction, alert));
  }

  /** Newest first. */
  async list({ kind, after, limit }: AlertQuestion): Promise<readonly StoredAlert[]> {
    const rows = await this.prisma.alert.findMany({
      where: kind === undefined ? {} : { kind },
      orderBy: [{ at: 'desc' }, { id: 'desc' }],
      take: limit,
      ...(after === undefined ? {} : { cursor: { id: after }, skip: 1 }),
    });
    return rows.map(({ at, routedAt, facts, ...row }) => ({
      ...row,
      at: at.getTime(),
      facts: facts as AlertFacts,
      routedAt: routedAt?.getTime(),
    }));
  }
}

/** In a transaction that changes something else, too. */
export async function insertAlert(transaction: Transaction, { at, ...alert }: NewAlert): Promise<void> {
  const { count } = await transaction.alert.createMany({ data: [{ ...alert, at: new Date(at) }], skipDuplicates: true });
  if (count > 0) await notify(transaction, ALERTS_CHANNEL, alert.id);
}
