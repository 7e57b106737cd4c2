import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../core/clock.js';
import { makeId } from '../../core/ids.js';
import { type Actor, Audit, type AuditFacts, notify, PrismaService, type Transaction } from '../../platform/index.js';
import { ALERTS_CHANNEL, insertAlert } from '../alerts.store.js';
import { maskedUrl, type Webhook, type WebhookFormat } from './webhook.js';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const THE_GATEWAY: Actor = { id: 'gateway', name: 'gateway' };

/** Who changes a webhook, and how it is called in the audit log. */
export interface WebhookDeed {
  readonly by: Actor;
  readonly action: 'create' | 'change' | 'delete' | 'disable';
}

type Row = Awaited<ReturnType<Transaction['webhook']['findMany']>>[number];

/** Each change is recorded in its own transaction. */
@Injectable()
export class WebhooksStore {
  constructor(
    private readonly prisma: PrismaService,
    private readonly audit: Audit,
    @Inject(CLOCK) private readonly clock: Pick<Clock, 'now'>,
  ) {}

  /** Newest first. */
  async list(): Promise<readonly Webhook[]> {
    const rows = await this.prisma.webhook.findMany({ orderBy: { id: 'desc' } });
    return rows.map(toWebhook);
  }

  async find(id: string): Promise<Webhook | undefined> {
    const row = UUID.test(id) ? await this.prisma.webhook.findUnique({ where: { id } }) : null;
    return row ? toWebhook(row) : undefined;
  }

  /** false = there are `most` already. */
  async insert(webhook: Webhook, most: number, by: Actor): Promise<boolean> {
    return this.prisma.$transaction(async (transaction) => {
      await transaction.$executeRaw`LOCK TABLE webhooks IN SHARE ROW EXCLUSIVE MODE`;
      if ((await transaction.webhook.count()) >= most) return false;
      await transaction.webhook.create({ data: toRow(webhook), select: { id: true } });
      await this.record(transaction, { by, action: 'create' }, undefined, webhook);
      return true;
    });
  }

  /**
   * Makes of a webhook what `decide` says, or deletes it (with its deliveries) where that says undefined; where it answers what it
   * was given, nothing happens. Resolves with what it has become, or with what it last was; undefined = there is none.
   */
  async change(id: string, deed: WebhookDeed, decide: (before: Webhook) => Webhook | undefined): Promise<Webhook | undefined> {
    if (!UUID.test(id)) return undefined;
    return this.prisma.$transaction(async (transaction) => {
      await transaction.$executeRaw`SELECT id FROM webhooks WHERE id = ${id}::uuid FOR UPDATE`;
      const row = await transaction.webhook.findUnique({ where: { id } });
      if (!row) return undefined;
      const before = toWebhook(row);
      const after = decide(before);
      if (after === before) return before;
      if (after) await transaction.webhook.update({ where: { id }, data: toRow(after), select: { id: true } });
      else await transaction.webhook.delete({ where: { id }, select: { id: true } });
      await this.record(transaction, deed, before, after);
      // Deliveries that rested while it was off are due.
      await notify(transaction, ALERTS_CHANNEL, id);
      return after ?? before;
    });
  }

  /** Switches off a webhook whose receiver has said that it is gone, unless it was changed since `changedAt`; the others are told. */
  async disableGone(id: string, changedAt: number): Promise<void> {
    await this.prisma.$transaction(async (transaction) => {
      const now = this.clock.now();
      const where = { id, disabled: false, changedAt: new Date(changedAt) };
      const [row] = await transaction.webhook.updateManyAndReturn({ where, data: { disabled: true, changedAt: new Date(now) } });
      if (!row) return;
      const after = toWebhook(row);
      await this.record(transaction, { by: THE_GATEWAY, action: 'disable' }, { ...after, disabled: false }, after);
      const occasion = `webhook_disabled:${id}:${now}`;
      const facts = { webhook_id: id, webhook: after.name };
      await insertAlert(transaction, { id: makeId(now), at: now, kind: 'webhook_disabled', occasion, facts });
    });
  }

  private record(transaction: Transaction, deed: WebhookDeed, before: Webhook | undefined, after: Webhook | undefined): Promise<void> {
    const replaced = before && after ? replacedOf(before, after) : [];
    return this.audit.record(transaction, {
      actor: deed.by,
      action: deed.action,
      entity: 'webhook',
      entityId: (after ?? before)!.id,
      before: before && toFacts(before),
      after: after && { ...toFacts(after), ...(replaced.length > 0 && { replaced }) },
    });
  }
}

/** What is another one although it looks the same. */
function replacedOf(before: Webhook, after: Webhook): readonly string[] {
  const url = before.url === after.url ? [] : ['url'];
  return before.sealedSecret === after.sealedSecret ? url : [...url, 'secret'];
}

function toFacts({ name, url, format, sealedSecret, kinds, disabled }: Webhook): AuditFacts {
  return { name, url: maskedUrl(url), format, signed: sealedSecret !== undefined, kinds, disabled };
}

function toWebhook({ secret, createdAt, changedAt, format, ...row }: Row): Webhook {
  return {
    ...row,
    format: format as WebhookFormat,
    sealedSecret: secret ?? undefined,
    createdAt: createdAt.getTime(),
    changedAt: changedAt.getTime(),
  };
}

function toRow({ sealedSecret, createdAt, changedAt, kinds, ...webhook }: Webhook) {
  return {
    ...webhook,
    kinds: [...kinds],
    secret: sealedSecret ?? null,
    createdAt: new Date(createdAt),
    changedAt: new Date(changedAt),
  };
}
