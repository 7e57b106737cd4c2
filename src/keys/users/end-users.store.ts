import { Injectable } from '@nestjs/common';
import { GatewayError } from '../../core/errors.js';
import { type Actor, Audit, noteChange, PrismaService, type Transaction } from '../../platform/index.js';
import { fromLimitColumns, type LimitColumns, toLimitColumns } from '../limit-attributes.js';
import { isUuid } from '../query-text.js';
import type { EndUser, EndUserQuestion } from './end-user.js';
import { toEndUserWire } from './end-user.wire.js';

/** What the processes tell each other of changed end users by. */
export const END_USERS_NAME = 'end_users';

interface Row extends LimitColumns {
  readonly id: string;
  readonly tenant: string;
  readonly userId: string;
  readonly name: string | null;
  readonly disabled: boolean;
  readonly models: string[];
  readonly createdAt: Date;
  readonly changedAt: Date;
}

/** What changes end users is recorded and told to every process in the same transaction. */
@Injectable()
export class EndUsersStore {
  constructor(
    private readonly prisma: PrismaService,
    private readonly audit: Audit,
  ) {}

  /** All that are recorded, or those with these ids. */
  async load(ids?: readonly string[]): Promise<readonly EndUser[]> {
    const rows = await this.prisma.endUser.findMany({ where: ids ? { id: { in: ids.filter(isUuid) } } : {} });
    return rows.map(toEndUser);
  }

  async find(id: string): Promise<EndUser | undefined> {
    const [user] = isUuid(id) ? await this.load([id]) : [];
    return user;
  }

  /** Newest first. */
  async list({ tenant, userId, disabled, before, limit }: EndUserQuestion): Promise<readonly EndUser[]> {
    const rows = await this.prisma.endUser.findMany({
      where: {
        ...(tenant === undefined ? {} : { tenant }),
        ...(userId === undefined ? {} : { userId }),
        ...(disabled === undefined ? {} : { disabled }),
        ...(before === undefined ? {} : { id: { lt: before } }),
      },
      orderBy: { id: 'desc' },
      take: limit,
    });
    return rows.map(toEndUser);
  }

  /** `findTenant` says whose it is, and sees to it that that stays. Throws `conflict` where the same is recorded already. */
  async insert(user: Omit<EndUser, 'tenant'>, findTenant: (transaction: Transaction) => Promise<string>, by: Actor): Promise<EndUser> {
    return this.prisma.$transaction(async (transaction) => {
      const made = { ...user, tenant: await findTenant(transaction) };
      // Waits for whoever is making the same just now.
      const { count } = await transaction.endUser.createMany({ data: [toRow(made)], skipDuplicates: true });
      if (count === 0) throw await recordedAlready(transaction, made);
      await this.audit.record(transaction, { actor: by, action: 'create', entity: 'user', entityId: made.id, after: toEndUserWire(made) });
      await noteChange(transaction, END_USERS_NAME, made.id);
      return made;
    });
  }

  /**
   * Makes of an end user what `decide` says, or deletes it where that says undefined; where it answers what it was given, nothing
   * happens. Resolves with what the end user has become, or with what it last was; undefined = there is none.
   */
  async change(id: string, by: Actor, decide: (before: EndUser) => EndUser | undefined): Promise<EndUser | undefined> {
    if (!isUuid(id)) return undefined;
    return this.prisma.$transaction(async (transaction) => {
      const before = await lock(transaction, id);
      const after = before && decide(before);
      if (!before || after === before) return before;
      const where = { id: before.id };
      if (after) await transaction.endUser.update({ where, data: toRow(after), select: { id: true } });
      else await transaction.endUser.delete({ where, select: { id: true } });
      const facts = { before: toEndUserWire(before), after: after && toEndUserWire(after) };
      await this.audit.record(transaction, {
        actor: by,
        action: after ? 'change' : 'delete',
        entity: 'user',
        entityId: before.id,
        ...facts,
      });
      await noteChange(transaction, END_USERS_NAME, before.id);
      return after ?? before;
    });
  }
}

/** When a tenant goes: nobody can be its end user any more. Resolves with how many were recorded. */
export async function deleteUsersOf(transaction: Transaction, tenant: string): Promise<number> {
  const users = await transaction.endUser.findMany({ select: { id: true }, where: { tenant } });
  await transaction.endUser.deleteMany({ where: { tenant } });
  await noteChange(transaction, END_USERS_NAME, ...users.map(({ id }) => id));
  return users.length;
}

/** Held until the transaction ends, so that what is recorded as `before` is what was changed. */
async function lock(transaction: Transaction, id: string): Promise<EndUser | undefined> {
  await transaction.$executeRaw`SELECT id FROM end_users WHERE id = ${id}::uuid FOR UPDATE`;
  const row = await transaction.endUser.findUnique({ where: { id } });
  return row ? toEndUser(row) : undefined;
}

async function recordedAlready(transaction: Transaction, { tenant, userId }: EndUser): Promise<GatewayError> {
  const other = await transaction.endUser.findUnique({ select: { id: true }, where: { tenant_userId: { tenant, userId } } });
  const message = `This end user is recorded already, under the id ${other?.id ?? 'of another'}. Change that one.`;
  return new GatewayError('conflict', message, { param: 'user_id' });
}

function toEndUser({ id, tenant, userId, name, disabled, models, createdAt, changedAt, ...limits }: Row): EndUser {
  return {
    id,
    tenant,
    userId,
    name: name ?? undefined,
    disabled,
    models,
    createdAt: createdAt.getTime(),
    changedAt: changedAt.getTime(),
    ...fromLimitColumns(limits),
  };
}

function toRow(user: EndUser): Row {
  return {
    id: user.id,
    tenant: user.tenant,
    userId: user.userId,
    name: user.name ?? null,
    disabled: user.disabled,
    models: [...user.models],
    ...toLimitColumns(user),
    createdAt: new Date(user.createdAt),
    changedAt: new Date(user.changedAt),
  };
}
