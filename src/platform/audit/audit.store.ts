import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../core/clock.js';
import { makeId } from '../../core/ids.js';
import { Prisma } from '../database/generated/client.js';
import { PrismaService } from '../database/prisma.service.js';
import type { Transaction } from '../database/transaction.js';
import type { AuditEntry, AuditFacts, AuditQuestion, AuditRecord } from './audit-entry.js';

/** Who changed what: written with the change itself, read by administrators, never altered (a trigger refuses it). */
@Injectable()
export class Audit {
  constructor(
    private readonly prisma: PrismaService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** In the transaction that makes the change: the one is never without the other. */
  async record(transaction: Pick<Transaction, 'auditEntry'>, { actor, before, after, ...entry }: AuditEntry): Promise<void> {
    const now = this.clock.now();
    await transaction.auditEntry.create({
      data: {
        id: makeId(now),
        at: new Date(now),
        actorId: actor.id,
        actorName: actor.name,
        action: entry.action,
        entity: entry.entity,
        entityId: entry.entityId,
        before: before ?? Prisma.DbNull,
        after: after ?? Prisma.DbNull,
      },
      select: { id: true },
    });
  }

  /** Newest first. The next page is what lies `before` the last id of this one. */
  async list({ before, limit, entity, actor }: AuditQuestion): Promise<readonly AuditRecord[]> {
    const rows = await this.prisma.auditEntry.findMany({
      where: {
        ...(before === undefined ? {} : { id: { lt: before } }),
        ...(entity === undefined ? {} : { entity }),
        ...(actor === undefined ? {} : { actorId: actor }),
      },
      orderBy: { id: 'desc' },
      take: limit,
    });
    return rows.map(({ at, actorId, actorName, before: was, after: is, ...row }) => ({
      ...row,
      at: at.getTime(),
      actor: { id: actorId, name: actorName },
      before: (was ?? undefined) as AuditFacts | undefined,
      after: (is ?? undefined) as AuditFacts | undefined,
    }));
  }
}
