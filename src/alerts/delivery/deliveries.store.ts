import { Injectable } from '@nestjs/common';
import { type Actor, Audit, notify, PrismaService, type Transaction } from '../../platform/index.js';
import type { AlertFacts } from '../alert.js';
import { ALERTS_CHANNEL } from '../alerts.store.js';
import type { WebhookFormat } from '../webhooks/webhook.js';
import type { Answer, Claim, Delivery, DeliveryQuestion, DeliveryState, Verdict } from './delivery.js';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Alerts that are routed in one statement. */
const ROUTED_AT_ONCE = 100;

const SHOWN = { alert: { select: { kind: true } }, webhook: { select: { name: true } } } as const;

export interface ClaimQuestion {
  readonly nowMs: number;
  readonly leaseUntil: number;
  readonly limit: number;
  /** Of one webhook at a time: one that is slow holds up no other. */
  readonly perWebhook: number;
  /** Webhooks that are to be left out. */
  readonly busy: readonly string[];
}

interface ClaimedRow {
  readonly id: string;
  readonly attempts: number;
  readonly webhook_id: string;
  readonly url: string;
  readonly format: string;
  readonly secret: string | null;
  readonly changed_at: Date;
  readonly alert_id: string;
  readonly at: Date;
  readonly kind: string;
  readonly facts: unknown;
}

/** Who takes what is decided by row locks, so that any number of processes work side by side and nobody waits for another. */
@Injectable()
export class DeliveriesStore {
  constructor(
    private readonly prisma: PrismaService,
    private readonly audit: Audit,
  ) {}

  /** Makes out a delivery of each new alert to each webhook that wants it. Resolves with whether there may be more. */
  async route(nowMs: number): Promise<boolean> {
    const now = new Date(nowMs);
    const [routed] = await this.prisma.$queryRaw<[{ readonly alerts: bigint }]>`
      WITH fresh AS MATERIALIZED (
        SELECT id, kind FROM alerts WHERE routed_at IS NULL ORDER BY at, id LIMIT ${ROUTED_AT_ONCE} FOR UPDATE SKIP LOCKED
      ),
      made AS (
        INSERT INTO webhook_deliveries (id, alert_id, webhook_id, state, attempts, next_at, created_at)
        SELECT gen_random_uuid(), fresh.id, webhooks.id, 'pending', 0, ${now}, ${now} FROM fresh JOIN webhooks
          ON NOT webhooks.disabled AND (cardinality(webhooks.kinds) = 0 OR fresh.kind = ANY (webhooks.kinds))
      ),
      routed AS (
        UPDATE alerts SET routed_at = ${now} FROM fresh WHERE alerts.id = fresh.id RETURNING 1
      )
      SELECT count(*) AS alerts FROM routed`;
    return Number(routed.alerts) === ROUTED_AT_ONCE;
  }

  /** Takes deliveries that are due, the longest due first. Those of webhooks that are off rest until they are on again. */
  async claim({ nowMs, leaseUntil, limit, perWebhook, busy }: ClaimQuestion): Promise<readonly Claim[]> {
    const rows = await this.prisma.$queryRaw<ClaimedRow[]>`
      WITH due AS MATERIALIZED (
        SELECT delivery.id FROM webhooks CROSS JOIN LATERAL (
          SELECT id, next_at FROM webhook_deliveries
          WHERE webhook_id = webhooks.id AND state = 'pending' AND next_at <= ${new Date(nowMs)}
          ORDER BY next_at, id LIMIT ${perWebhook} FOR UPDATE SKIP LOCKED
        ) AS delivery
        WHERE NOT webhooks.disabled AND webhooks.id::text <> ALL (${[...busy]})
        ORDER BY delivery.next_at, delivery.id LIMIT ${limit}
      )
      UPDATE webhook_deliveries AS delivery SET attempts = attempts + 1, next_at = ${new Date(leaseUntil)}
      FROM due, webhooks, alerts
      WHERE delivery.id = due.id AND webhooks.id = delivery.webhook_id AND alerts.id = delivery.alert_id
      RETURNING delivery.id::text, delivery.attempts, webhooks.id::text AS webhook_id, webhooks.url, webhooks.format, webhooks.secret,
        webhooks.changed_at, alerts.id::text AS alert_id, alerts.at, alerts.kind, alerts.facts`;
    return rows.map((row) => toClaim(row, leaseUntil));
  }

  /** Writes down what came of it. Whoever has lost the lease meanwhile only counts if the alert arrived. */
  async record(
    { id, attempts, leaseUntil }: Pick<Claim, 'id' | 'attempts' | 'leaseUntil'>,
    verdict: Verdict,
    answer: Answer,
    nowMs: number,
  ) {
    const last = { lastStatus: answer.status ?? null, lastError: answer.error ?? null };
    if (verdict.state === 'delivered') {
      const where = { id, state: { not: 'delivered' } };
      await this.prisma.webhookDelivery.updateMany({ where, data: { ...last, state: 'delivered', deliveredAt: new Date(nowMs) } });
      return;
    }
    const where = { id, state: 'pending', attempts, nextAt: new Date(leaseUntil) };
    const next = verdict.state === 'pending' ? { nextAt: new Date(nowMs + verdict.inMs) } : { state: verdict.state };
    await this.prisma.webhookDelivery.updateMany({ where, data: { ...last, ...next } });
  }

  /** Newest first. */
  async list({ state, webhookId, after, limit }: DeliveryQuestion): Promise<readonly Delivery[]> {
    const rows = await this.prisma.webhookDelivery.findMany({
      where: { ...(state !== undefined && { state }), ...(webhookId !== undefined && { webhookId }) },
      include: SHOWN,
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
      take: limit,
      ...(after === undefined ? {} : { cursor: { id: after }, skip: 1 }),
    });
    return rows.map(toDelivery);
  }

  /** Makes one due now, with all its attempts before it, if `requireRetry` does not throw. undefined = there is none. */
  async retry(id: string, by: Actor, nowMs: number, requireRetry: (before: RetryFacts) => void): Promise<Delivery | undefined> {
    if (!UUID.test(id)) return undefined;
    return this.prisma.$transaction(async (transaction) => {
      await transaction.$executeRaw`SELECT id FROM webhook_deliveries WHERE id = ${id}::uuid FOR UPDATE`;
      const before = await transaction.webhookDelivery.findUnique({ where: { id }, include: { webhook: true } });
      if (!before) return undefined;
      requireRetry({ state: before.state, isWebhookDisabled: before.webhook.disabled });
      const data = { state: 'pending', attempts: 0, nextAt: new Date(nowMs) };
      const row = await transaction.webhookDelivery.update({ where: { id }, data, include: SHOWN });
      await this.recordRetry(transaction, by, id, before.state);
      await notify(transaction, ALERTS_CHANNEL, id);
      return toDelivery(row);
    });
  }

  private recordRetry(transaction: Transaction, actor: Actor, id: string, state: string): Promise<void> {
    const entry = { action: 'retry', entity: 'webhook_delivery', entityId: id, before: { state }, after: { state: 'pending' } };
    return this.audit.record(transaction, { actor, ...entry });
  }
}

export interface RetryFacts {
  readonly state: string;
  readonly isWebhookDisabled: boolean;
}

function toClaim(row: ClaimedRow, leaseUntil: number): Claim {
  const { id, attempts, webhook_id, url, format, secret, changed_at, alert_id, at, kind, facts } = row;
  return {
    id,
    attempts,
    leaseUntil,
    webhook: { id: webhook_id, url, format: format as WebhookFormat, sealedSecret: secret ?? undefined, changedAt: changed_at.getTime() },
    alert: { id: alert_id, at: at.getTime(), kind, facts: facts as AlertFacts },
  };
}

type Row = Awaited<ReturnType<Transaction['webhookDelivery']['findMany']>>[number] & {
  readonly alert: { readonly kind: string };
  readonly webhook: { readonly name: string };
};

function toDelivery({ alert, webhook, state, nextAt, lastStatus, lastError, deliveredAt, createdAt, ...row }: Row): Delivery {
  return {
    ...row,
    kind: alert.kind,
    webhook: webhook.name,
    state: state as DeliveryState,
    nextAt: nextAt.getTime(),
    lastStatus: lastStatus ?? undefined,
    lastError: lastError ?? undefined,
    deliveredAt: deliveredAt?.getTime(),
    createdAt: createdAt.getTime(),
  };
}
