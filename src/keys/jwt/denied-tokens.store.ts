import { Injectable } from '@nestjs/common';
import { type Actor, Audit, noteChange, PrismaService, type Transaction } from '../../platform/index.js';
import { type DenialsQuestion, type DeniedToken, toDeniedTokenWire } from './denied-token.js';
import { CLOCK_SKEW_MS } from './token-claims.js';
import { fromSubject, toDenialId, toSubject } from './token-subjects.js';

/** What the processes call the table when they tell each other of its changes. */
export const DENIED_TOKENS = 'denied_tokens';

/** So many at a time: each is told to every process. */
const MAX_PRUNED = 1_000;

interface DeniedTokenRow {
  readonly subject: string;
  readonly reason: string | null;
  readonly deniedAt: Date;
  readonly deniedBy: string;
  readonly expiresAt: Date | null;
}

@Injectable()
export class DeniedTokensStore {
  constructor(
    private readonly prisma: PrismaService,
    private readonly audit: Audit,
  ) {}

  /** All, or those with these ids as far as they exist. */
  async load(ids?: readonly string[]): Promise<readonly DeniedToken[]> {
    const where = ids ? { subject: { in: await findSubjects(this.prisma, ids) } } : {};
    return (await this.prisma.deniedToken.findMany({ where })).map(toDeniedToken);
  }

  /** Newest first; without those that have ended at `nowMs`. */
  async list({ limit, before }: DenialsQuestion, nowMs: number): Promise<readonly DeniedToken[]> {
    const [last] = before === undefined ? [] : await this.load([before]);
    if (before !== undefined && !last) return [];
    const inForce = { OR: [{ expiresAt: null }, { expiresAt: { gt: toLastExpiry(nowMs) } }] };
    const rows = await this.prisma.deniedToken.findMany({
      where: { AND: [inForce, last ? isAfter(last) : {}] },
      orderBy: [{ deniedAt: 'desc' }, { subject: 'asc' }],
      take: limit,
    });
    return rows.map(toDeniedToken);
  }

  /** In the place of an earlier denial of the same. */
  async put(denied: DeniedToken, by: Actor): Promise<void> {
    const { subject, ...row } = toRow(denied);
    await this.prisma.$transaction(async (transaction) => {
      await lock(transaction);
      const earlier = await transaction.deniedToken.findUnique({ where: { subject } });
      await transaction.deniedToken.upsert({ where: { subject }, create: { subject, ...row }, update: row });
      await this.tell(transaction, by, earlier ? toDeniedToken(earlier) : undefined, denied);
    });
  }

  /** Resolves with what it was; undefined = there was none. */
  async remove(id: string, by: Actor): Promise<DeniedToken | undefined> {
    return this.prisma.$transaction(async (transaction) => {
      await lock(transaction);
      const [subject] = await findSubjects(transaction, [id]);
      if (subject === undefined) return undefined;
      const removed = toDeniedToken(await transaction.deniedToken.delete({ where: { subject } }));
      await this.tell(transaction, by, removed, undefined);
      return removed;
    });
  }

  /** Takes away those that have ended at `nowMs`. */
  async prune(nowMs: number): Promise<void> {
    const where = { expiresAt: { lte: toLastExpiry(nowMs) } };
    await this.prisma.$transaction(async (transaction) => {
      const rows = await transaction.deniedToken.findMany({ where, select: { subject: true }, take: MAX_PRUNED });
      if (rows.length === 0) return;
      await lock(transaction);
      await transaction.deniedToken.deleteMany({ where: { ...where, subject: { in: rows.map(({ subject }) => subject) } } });
      for (const { subject } of rows) await noteChange(transaction, DENIED_TOKENS, toDenialId(subject));
    });
  }

  private async tell(transaction: Transaction, by: Actor, before: DeniedToken | undefined, after: DeniedToken | undefined): Promise<void> {
    const { id } = (after ?? before)!;
    await this.audit.record(transaction, {
      actor: by,
      action: after ? 'deny' : 'allow',
      entity: 'denied_token',
      entityId: id,
      before: before && toDeniedTokenWire(before),
      after: after && toDeniedTokenWire(after),
    });
    await noteChange(transaction, DENIED_TOKENS, id);
  }
}

/** What expired by then has ended at `nowMs`. */
function toLastExpiry(nowMs: number): Date {
  return new Date(nowMs - CLOCK_SKEW_MS);
}

/** One change after another, so that each is recorded with what it really changed. Readers do not wait. */
async function lock(transaction: Transaction): Promise<void> {
  await transaction.$executeRaw`LOCK TABLE denied_tokens IN SHARE ROW EXCLUSIVE MODE`;
}

async function findSubjects(transaction: Pick<Transaction, '$queryRaw'>, ids: readonly string[]): Promise<string[]> {
  const rows = await transaction.$queryRaw<{ subject: string }[]>`
    SELECT subject FROM denied_tokens WHERE left(encode(sha256(convert_to(subject, 'UTF8')), 'hex'), 32) = ANY (${[...ids]})`;
  return rows.map(({ subject }) => subject);
}

function isAfter(last: DeniedToken) {
  const deniedAt = new Date(last.deniedAt);
  return { OR: [{ deniedAt: { lt: deniedAt } }, { deniedAt, subject: { gt: toRow(last).subject } }] };
}

function toDeniedToken({ subject, reason, deniedAt, deniedBy, expiresAt }: DeniedTokenRow): DeniedToken {
  return {
    id: toDenialId(subject),
    ...fromSubject(subject),
    reason: reason ?? undefined,
    deniedAt: deniedAt.getTime(),
    deniedBy,
    expiresAt: expiresAt?.getTime(),
  };
}

function toRow({ claim, issuer, value, reason, deniedAt, deniedBy, expiresAt }: DeniedToken): DeniedTokenRow {
  return {
    subject: toSubject(claim, issuer, value),
    reason: reason ?? null,
    deniedAt: new Date(deniedAt),
    deniedBy,
    expiresAt: expiresAt === undefined ? null : new Date(expiresAt),
  };
}
