import { Injectable } from '@nestjs/common';
import { GatewayError } from '../core/errors.js';
import { type Actor, Audit, notify, PrismaService, type Transaction } from '../platform/index.js';
import type { KeyQuestion, KeyRecord, KeyState, StoredKey } from './key-record.js';
import { SHOWN, toRecord, toRow, toStoredKey } from './key-rows.js';
import { isPublicId } from './key-text.js';
import { toKeyWire } from './key.wire.js';
import { ROLES } from './key-attributes.js';
import { isUuid, literally } from './query-text.js';
import { requireTeam } from './teams/teams.store.js';
import { deleteUsersOf } from './users/end-users.store.js';

/** What the processes tell each other of changed keys on; a message is the public id of one. */
export const KEYS_CHANNEL = 'keys';

/** A role that this version does not know gives no rights: such keys are as good as absent. */
const KNOWN_ROLE = { role: { in: [...ROLES] } };

/** Who changes a key, and how it is called in the audit log. */
export interface KeyDeed {
  readonly by: Actor;
  readonly action: 'create' | 'change' | 'rotate' | 'revoke' | 'delete';
}

/** Keys are named by their id or by their public id. What changes them is recorded and told to every process in the same transaction. */
@Injectable()
export class KeysStore {
  constructor(
    private readonly prisma: PrismaService,
    private readonly audit: Audit,
  ) {}

  async findByPublicIds(publicIds: readonly string[]): Promise<readonly StoredKey[]> {
    const rows = await this.prisma.apiKey.findMany({ where: { publicId: { in: [...publicIds] }, ...KNOWN_ROLE } });
    return rows.map(toStoredKey);
  }

  async find(id: string): Promise<KeyRecord | undefined> {
    const where = named(id);
    const row = where && (await this.prisma.apiKey.findFirst({ select: SHOWN, where: { ...where, ...KNOWN_ROLE } }));
    return row ? toRecord(row) : undefined;
  }

  /** Newest first. */
  async list({ nameContains, role, teamId, state, before, limit }: KeyQuestion, nowMs: number): Promise<readonly KeyRecord[]> {
    const rows = await this.prisma.apiKey.findMany({
      select: SHOWN,
      where: {
        AND: [
          KNOWN_ROLE,
          role === undefined ? {} : { role },
          teamId === undefined ? {} : { teamId },
          nameContains === undefined ? {} : { name: { contains: literally(nameContains), mode: 'insensitive' } },
          state === undefined ? {} : inState(state, new Date(nowMs)),
          before === undefined ? {} : { id: { lt: before } },
        ],
      },
      orderBy: { id: 'desc' },
      ...(limit === undefined ? {} : { take: limit }),
    });
    return rows.map(toRecord);
  }

  async hasAny(): Promise<boolean> {
    return (await this.prisma.apiKey.findFirst({ select: { id: true } })) !== null;
  }

  async insert(keys: readonly StoredKey[], by: Actor): Promise<void> {
    await this.prisma.$transaction(async (transaction) => {
      for (const { teamId } of keys) if (teamId !== undefined) await requireTeam(transaction, teamId);
      await transaction.apiKey.createMany({ data: keys.map(toRow) });
      for (const key of keys) await this.tell(transaction, { by, action: 'create' }, undefined, key);
    });
  }

  /**
   * Makes of a key what `decide` says, or deletes it where that says undefined; where it answers what it was given, nothing
   * happens. What it throws undoes all. Resolves with what the key has become, or with what it last was; undefined = there is none.
   */
  async change(id: string, deed: KeyDeed, decide: (before: StoredKey) => StoredKey | undefined): Promise<StoredKey | undefined> {
    return this.prisma.$transaction(async (transaction) => {
      const before = await lock(transaction, id);
      if (!before) return undefined;
      const after = decide(before);
      if (after === before) return before;
      if (after) await update(transaction, before, after);
      else await remove(transaction, before);
      await this.tell(transaction, deed, before, after);
      return after ?? before;
    });
  }

  private async tell(
    transaction: Transaction,
    { by, action }: KeyDeed,
    before: StoredKey | undefined,
    after: StoredKey | undefined,
  ): Promise<void> {
    const { id, publicId } = (after ?? before)!;
    await this.audit.record(transaction, {
      actor: by,
      action,
      entity: 'key',
      entityId: id,
      before: before && toKeyWire(before),
      after: after && toKeyWire(after),
    });
    await notify(transaction, KEYS_CHANNEL, publicId);
  }
}

async function update(transaction: Transaction, before: StoredKey, after: StoredKey): Promise<void> {
  if (after.teamId !== before.teamId) {
    await refuseUnderBudget(transaction, before.id);
    if (after.teamId !== undefined) await requireTeam(transaction, after.teamId);
  }
  await transaction.apiKey.update({ where: { id: before.id }, data: toRow(after), select: { id: true } });
}

/** What a budget has counted is counted for the tenant, and would stay behind. */
async function refuseUnderBudget(transaction: Transaction, id: string): Promise<void> {
  const bound = await transaction.budget.findFirst({
    select: { name: true },
    where: { OR: [{ scope: 'key', subject: id }, { tenant: id }] },
  });
  if (!bound) return;
  const message = `The budget \`${bound.name}\` is for this key, or for its end users or tags, and would not follow it to another team. Delete the budget first.`;
  throw new GatewayError('conflict', message, { param: 'team' });
}

/** With the end users that were its own. */
async function remove(transaction: Transaction, { id }: StoredKey): Promise<void> {
  await transaction.apiKey.delete({ where: { id }, select: { id: true } });
  await deleteUsersOf(transaction, id);
}

/** Throws `invalid_request` where there is no such key. Until the transaction ends, it stays and keeps its team. */
export async function requireKey(transaction: Transaction, id: string): Promise<{ readonly id: string; readonly teamId: string | null }> {
  const where = named(id);
  const found = where && (await transaction.apiKey.findFirst({ select: { id: true }, where }));
  const key = found && (await lockRow(transaction, found.id));
  if (key) return { id: key.id, teamId: key.teamId };
  throw new GatewayError('invalid_request', `There is no key \`${id.slice(0, 100)}\`. GET /v1/admin/keys lists them.`, { param: 'key' });
}

/** Held until the transaction ends, so that what is recorded as `before` is what was changed. */
async function lock(transaction: Transaction, id: string): Promise<StoredKey | undefined> {
  const where = named(id);
  const found = where && (await transaction.apiKey.findFirst({ select: { id: true }, where: { ...where, ...KNOWN_ROLE } }));
  const row = found && (await lockRow(transaction, found.id));
  return row ? toStoredKey(row) : undefined;
}

async function lockRow(transaction: Transaction, id: string) {
  await transaction.$executeRaw`SELECT id FROM api_keys WHERE id = ${id}::uuid FOR UPDATE`;
  return transaction.apiKey.findUnique({ where: { id } });
}

/** undefined = it can be nobody's: Postgres would not even take some texts. */
function named(id: string): { readonly id: string } | { readonly publicId: string } | undefined {
  if (isUuid(id)) return { id };
  return isPublicId(id) ? { publicId: id } : undefined;
}

function inState(state: KeyState, now: Date) {
  const isLasting = { OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] };
  const conditions = {
    active: { revokedAt: null, disabled: false, ...isLasting },
    disabled: { revokedAt: null, disabled: true, ...isLasting },
    expired: { revokedAt: null, expiresAt: { lte: now } },
    revoked: { revokedAt: { not: null } },
  };
  return conditions[state];
}
