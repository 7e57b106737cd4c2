import { Injectable } from '@nestjs/common';
import { GatewayError } from '../../core/errors.js';
import { type Actor, Audit, noteChange, PrismaService, type Transaction } from '../../platform/index.js';
import { type Budget, BUDGET_PERIODS, BUDGET_SCOPES, type BudgetScope } from './budget.js';
import { fromRow, toFacts, toRow } from './budget-rows.js';
import { isUuid, SubjectNames } from './subject-names.js';

/** What processes know the table by, as `LiveRows`. */
export const BUDGETS = 'budgets';

/** Each is looked at by every call that it binds. */
const MOST_ON_ONE = 20;
/** A scope or a period that this version does not know limits nothing: such rows are as good as absent. */
export const KNOWN = { scope: { in: [...BUDGET_SCOPES] }, period: { in: [...BUDGET_PERIODS] } };

/** Who changes a budget, and how it is called in the audit log. */
export interface BudgetDeed {
  readonly by: Actor;
  readonly action: 'create' | 'change' | 'reset' | 'delete';
}

/** Which budgets, newest first; undefined = no matter. */
export interface BudgetQuestion {
  readonly scope?: BudgetScope | undefined;
  readonly tenant?: string | undefined;
  readonly subject?: string | undefined;
  /** Only older ones than that with this id. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** What changes a budget is recorded and told to every process in the same transaction. */
@Injectable()
export class BudgetsStore {
  constructor(
    private readonly prisma: PrismaService,
    private readonly audit: Audit,
  ) {}

  /** All of them, or those with these ids. */
  async load(ids?: readonly string[]): Promise<readonly Budget[]> {
    const rows = await this.prisma.budget.findMany({ where: { ...KNOWN, ...(ids && { id: { in: [...ids] } }) } });
    return rows.map(fromRow);
  }

  async find(id: string): Promise<Budget | undefined> {
    return isUuid(id) ? (await this.load([id]))[0] : undefined;
  }

  async list({ scope, tenant, subject, before, limit }: BudgetQuestion): Promise<readonly Budget[]> {
    const given = Object.entries({ scope, tenant, subject }).filter(([, value]) => value !== undefined);
    const rows = await this.prisma.budget.findMany({
      where: { AND: [KNOWN, Object.fromEntries(given), before === undefined ? {} : { id: { lt: before } }] },
      orderBy: { id: 'desc' },
      take: limit,
    });
    return rows.map(fromRow);
  }

  /** Resolves with the budget as it was made, its key and tenant named by their ids; throws `invalid_request` where there is no such key or team. */
  async insert(wished: Budget, by: Actor, staticKeyIds: readonly string[]): Promise<Budget> {
    return this.prisma.$transaction(async (transaction) => {
      const budget = await new SubjectNames(transaction, staticKeyIds).settle(wished);
      await refuseTooMany(transaction, budget);
      await transaction.budget.create({ data: toRow(budget), select: { id: true } });
      await this.tell(transaction, { by, action: 'create' }, undefined, budget);
      return budget;
    });
  }

  /**
   * Makes of a budget what `decide` says, or deletes it with the sums of what was spent where that says undefined; where it answers
   * what it was given, nothing happens. Resolves with what the budget has become, or with what it last was; undefined = there is none.
   */
  async change(id: string, deed: BudgetDeed, decide: (before: Budget) => Budget | undefined): Promise<Budget | undefined> {
    if (!isUuid(id)) return undefined;
    return this.prisma.$transaction(async (transaction) => {
      const before = await lock(transaction, id);
      if (!before) return undefined;
      const after = decide(before);
      if (after === before) return before;
      if (after) await transaction.budget.update({ where: { id }, data: toRow(after), select: { id: true } });
      else await remove(transaction, id);
      await this.tell(transaction, deed, before, after);
      return after ?? before;
    });
  }

  /** The tenant of each of these keys that is stored: its team, or itself. */
  async tenantsOf(keyIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
    return tenantsOf(this.prisma, keyIds);
  }

  private async tell(
    transaction: Transaction,
    { by, action }: BudgetDeed,
    before: Budget | undefined,
    after: Budget | undefined,
  ): Promise<void> {
    const { id } = (after ?? before)!;
    const facts = { before: before && toFacts(before), after: after && toFacts(after) };
    await this.audit.record(transaction, { actor: by, action, entity: 'budget', entityId: id, ...facts });
    await noteChange(transaction, BUDGETS, id);
  }
}

export async function tenantsOf(transaction: Pick<Transaction, 'apiKey'>, keyIds: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const ids = keyIds.filter(isUuid);
  if (ids.length === 0) return new Map();
  const rows = await transaction.apiKey.findMany({ select: { id: true, teamId: true }, where: { id: { in: ids } } });
  return new Map(rows.map(({ id, teamId }) => [id, teamId ?? id]));
}

/** Held until the transaction ends, so that what is recorded as `before` is what was changed. */
async function lock(transaction: Transaction, id: string): Promise<Budget | undefined> {
  await transaction.$executeRaw`SELECT id FROM budgets WHERE id = ${id}::uuid FOR UPDATE`;
  const row = await transaction.budget.findFirst({ where: { id, ...KNOWN } });
  return row ? fromRow(row) : undefined;
}

async function remove(transaction: Transaction, id: string): Promise<void> {
  await transaction.budget.delete({ where: { id }, select: { id: true } });
  await transaction.budgetSpend.deleteMany({ where: { budgetId: id } });
}

async function refuseTooMany(transaction: Transaction, { scope, tenant, subject }: Budget): Promise<void> {
  const count = await transaction.budget.count({ where: { scope, tenant: tenant ?? null, subject: subject ?? null } });
  if (count < MOST_ON_ONE) return;
  throw new GatewayError('conflict', `There are ${MOST_ON_ONE} budgets on this already. Change one of them, or delete it first.`);
}
