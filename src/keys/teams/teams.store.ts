import { Injectable } from '@nestjs/common';
import { GatewayError } from '../../core/errors.js';
import { type Actor, Audit, noteChange, PrismaService, type Transaction } from '../../platform/index.js';
import { fromLimitColumns, type LimitColumns, toLimitColumns } from '../limit-attributes.js';
import { isUuid, literally } from '../query-text.js';
import { deleteUsersOf } from '../users/end-users.store.js';
import type { Team, TeamQuestion } from './team.js';
import { toTeamWire } from './team.wire.js';

/** What the processes tell each other of changed teams by. */
export const TEAMS_NAME = 'teams';

interface Row extends LimitColumns {
  readonly id: string;
  readonly name: string;
  readonly disabled: boolean;
  readonly models: string[];
  readonly createdAt: Date;
  readonly changedAt: Date;
}

/** What changes teams is recorded and told to every process in the same transaction. */
@Injectable()
export class TeamsStore {
  constructor(
    private readonly prisma: PrismaService,
    private readonly audit: Audit,
  ) {}

  /** All teams, or those with these ids. */
  async load(ids?: readonly string[]): Promise<readonly Team[]> {
    const rows = await this.prisma.team.findMany({ where: ids ? { id: { in: ids.filter(isUuid) } } : {} });
    return rows.map(toTeam);
  }

  async find(id: string): Promise<Team | undefined> {
    const [team] = isUuid(id) ? await this.load([id]) : [];
    return team;
  }

  /** Of the team with this id or name. */
  async findId(named: string): Promise<string | undefined> {
    const where = isUuid(named) ? { OR: [{ id: named }, { name: named }] } : { name: named };
    const row = await this.prisma.team.findFirst({ select: { id: true }, where });
    return row?.id;
  }

  /** Newest first. */
  async list({ nameContains, disabled, before, limit }: TeamQuestion): Promise<readonly Team[]> {
    const rows = await this.prisma.team.findMany({
      where: {
        ...(nameContains === undefined ? {} : { name: { contains: literally(nameContains), mode: 'insensitive' } }),
        ...(disabled === undefined ? {} : { disabled }),
        ...(before === undefined ? {} : { id: { lt: before } }),
      },
      orderBy: { id: 'desc' },
      take: limit,
    });
    return rows.map(toTeam);
  }

  /** Throws `conflict` where another team has the name. */
  async insert(team: Team, by: Actor): Promise<void> {
    await this.prisma.$transaction(async (transaction) => {
      await inTurn(transaction);
      await requireFreeName(transaction, team);
      await transaction.team.create({ data: toRow(team), select: { id: true } });
      await this.audit.record(transaction, { actor: by, action: 'create', entity: 'team', entityId: team.id, after: toTeamWire(team) });
      await noteChange(transaction, TEAMS_NAME, team.id);
    });
  }

  /**
   * Makes of a team what `decide` says; where it answers what it was given, nothing happens. Resolves with what the team has
   * become; undefined = there is none. Throws `conflict` where another team has its new name.
   */
  async change(id: string, by: Actor, decide: (before: Team) => Team): Promise<Team | undefined> {
    if (!isUuid(id)) return undefined;
    return this.prisma.$transaction(async (transaction) => {
      const before = await findInTurn(transaction, id);
      const after = before && decide(before);
      if (!after || after === before) return after;
      await requireFreeName(transaction, after);
      await transaction.team.update({ where: { id: before.id }, data: toRow(after), select: { id: true } });
      const facts = { before: toTeamWire(before), after: toTeamWire(after) };
      await this.audit.record(transaction, { actor: by, action: 'change', entity: 'team', entityId: before.id, ...facts });
      await noteChange(transaction, TEAMS_NAME, before.id);
      return after;
    });
  }

  /** With its end users. Resolves with what it was; undefined = there is none. Throws `conflict` while it has keys. */
  async delete(id: string, by: Actor): Promise<Team | undefined> {
    if (!isUuid(id)) return undefined;
    return this.prisma.$transaction(async (transaction) => {
      const team = await findInTurn(transaction, id);
      if (!team) return undefined;
      await refuseWithKeys(transaction, team);
      const endUsers = await deleteUsersOf(transaction, team.id);
      await transaction.team.delete({ where: { id: team.id }, select: { id: true } });
      const before = { ...toTeamWire(team), end_users: endUsers };
      await this.audit.record(transaction, { actor: by, action: 'delete', entity: 'team', entityId: team.id, before });
      await noteChange(transaction, TEAMS_NAME, team.id);
      return team;
    });
  }
}

/** Throws `invalid_request` where there is no such team. Until the transaction ends, it cannot be deleted. */
export async function requireTeam(transaction: Transaction, id: string): Promise<void> {
  const found = isUuid(id) ? await transaction.$queryRaw<unknown[]>`SELECT FROM teams WHERE id = ${id}::uuid FOR KEY SHARE` : [];
  if (found.length > 0) return;
  throw new GatewayError('invalid_request', `There is no team \`${id.slice(0, 100)}\`. GET /v1/admin/teams lists them.`, { param: 'team' });
}

/** One change after another: no two teams have one name, and what is recorded is what was changed. Readers do not wait. */
async function inTurn(transaction: Transaction): Promise<void> {
  await transaction.$executeRaw`LOCK TABLE teams IN SHARE ROW EXCLUSIVE MODE`;
}

async function findInTurn(transaction: Transaction, id: string): Promise<Team | undefined> {
  await inTurn(transaction);
  const row = await transaction.team.findUnique({ where: { id } });
  return row ? toTeam(row) : undefined;
}

async function requireFreeName(transaction: Transaction, { id, name }: Team): Promise<void> {
  const other = await transaction.team.findFirst({ select: { id: true }, where: { name, id: { not: id } } });
  if (other)
    throw new GatewayError('conflict', `The team ${other.id} is called \`${name}\` already. Choose another name.`, { param: 'name' });
}

async function refuseWithKeys(transaction: Transaction, { id }: Team): Promise<void> {
  // Waits for whoever is giving it a key just now.
  await transaction.$executeRaw`SELECT id FROM teams WHERE id = ${id}::uuid FOR UPDATE`;
  const keys = await transaction.apiKey.count({ where: { teamId: id } });
  if (keys === 0) return;
  const message = `This team still has ${keys} ${keys === 1 ? 'key' : 'keys'}, ended ones included. Delete them or move them to another team first; \`disabled\` keeps them out meanwhile.`;
  throw new GatewayError('conflict', message);
}

function toTeam({ id, name, disabled, models, createdAt, changedAt, ...limits }: Row): Team {
  return { id, name, disabled, models, createdAt: createdAt.getTime(), changedAt: changedAt.getTime(), ...fromLimitColumns(limits) };
}

function toRow(team: Team): Row {
  return {
    id: team.id,
    name: team.name,
    disabled: team.disabled,
    models: [...team.models],
    ...toLimitColumns(team),
    createdAt: new Date(team.createdAt),
    changedAt: new Date(team.changedAt),
  };
}
