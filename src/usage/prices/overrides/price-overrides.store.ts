import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../../core/clock.js';
import { type Actor, Audit, noteChange, PrismaService, type Transaction } from '../../../platform/index.js';
import { fromRow, toFacts, toRow } from './override-rows.js';
import { OVERRIDE_ORIGINS, type OverrideOrigin, type PriceOverride } from './price-override.js';

/** What processes know the table by, as `LiveRows`. */
export const PRICE_OVERRIDES = 'price_overrides';

/** Calls that were admitted while it held are settled within that time of its end. */
const REMEMBERED_MS = 86_400_000;
/** A provider's list has hundreds of models, each with an entry in the audit log. */
const INSERT_MS = 60_000;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** An origin that this version does not know has no place among the sources: such rows are as good as absent. */
const KNOWN = { origin: { in: [...OVERRIDE_ORIGINS] } };

/** Which overrides, newest first; undefined = no matter. */
export interface OverrideQuestion {
  readonly provider?: string | undefined;
  readonly model?: string | undefined;
  readonly origin?: OverrideOrigin | undefined;
  /** Only older ones than that with this id. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** What changes an override is recorded and told to every process in the same transaction. */
@Injectable()
export class PriceOverridesStore {
  constructor(
    private readonly prisma: PrismaService,
    private readonly audit: Audit,
    @Inject(CLOCK) private readonly clock: Pick<Clock, 'now'>,
  ) {}

  /** All that calls may still be charged by, or those of them with these ids. */
  async load(ids?: readonly string[]): Promise<readonly PriceOverride[]> {
    const lately = new Date(this.clock.now() - REMEMBERED_MS);
    const rows = await this.prisma.priceOverride.findMany({
      where: { ...KNOWN, OR: [{ removedAt: null }, { removedAt: { gt: lately } }], ...(ids && { id: { in: [...ids] } }) },
    });
    return rows.map(fromRow);
  }

  /** Removed ones are among them. */
  async list({ before, limit, ...wanted }: OverrideQuestion): Promise<readonly PriceOverride[]> {
    const given = Object.entries(wanted).filter(([, value]) => value !== undefined);
    const rows = await this.prisma.priceOverride.findMany({
      where: { AND: [KNOWN, Object.fromEntries(given), before === undefined ? {} : { id: { lt: before } }] },
      orderBy: { id: 'desc' },
      take: limit,
    });
    return rows.map(fromRow);
  }

  /** All of them, or none. */
  async insert(overrides: readonly PriceOverride[], by: Actor): Promise<void> {
    const insertAll = async (transaction: Transaction): Promise<void> => {
      await transaction.priceOverride.createMany({ data: overrides.map(toRow) });
      for (const override of overrides) {
        const told = { actor: by, action: 'create', entity: 'price', entityId: override.id };
        await this.audit.record(transaction, { ...told, after: toFacts(override) });
      }
      await noteChange(transaction, PRICE_OVERRIDES, ...overrides.map(({ id }) => id));
    };
    await this.prisma.$transaction(insertAll, { timeout: INSERT_MS });
  }

  /** Ends an override at `atMs`, and leaves it as it is where that was done before. Resolves with it; undefined = there is none. */
  async remove(id: string, by: Actor, atMs: number): Promise<PriceOverride | undefined> {
    if (!UUID.test(id)) return undefined;
    return this.prisma.$transaction(async (transaction) => {
      const before = await lock(transaction, id);
      if (!before || before.removedAt !== undefined) return before;
      const after = { ...before, removedAt: atMs };
      await transaction.priceOverride.update({ where: { id }, data: { removedAt: new Date(atMs) }, select: { id: true } });
      const told = { actor: by, action: 'remove', entity: 'price', entityId: id };
      await this.audit.record(transaction, { ...told, before: toFacts(before), after: toFacts(after) });
      await noteChange(transaction, PRICE_OVERRIDES, id);
      return after;
    });
  }
}

/** Held until the transaction ends, so that what is recorded as `before` is what was changed. */
async function lock(transaction: Transaction, id: string): Promise<PriceOverride | undefined> {
  await transaction.$executeRaw`SELECT id FROM price_overrides WHERE id = ${id}::uuid FOR UPDATE`;
  const row = await transaction.priceOverride.findFirst({ where: { id, ...KNOWN } });
  return row ? fromRow(row) : undefined;
}
