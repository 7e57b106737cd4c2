import { GatewayError } from '../../core/errors.js';
import type { Transaction } from '../../platform/index.js';
import type { Budget } from './budget.js';

const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** What an id or a public id consists of. */
const NAME = /^[A-Za-z0-9-]{1,64}$/;

/** Postgres would not even take other texts for an id. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** Finds whom a budget is for, by the names that administrators use. */
export class SubjectNames {
  constructor(
    private readonly transaction: Pick<Transaction, 'apiKey' | 'team'>,
    private readonly staticKeyIds: readonly string[],
  ) {}

  /** The same budget with ids for names. Throws `invalid_request` where there is nobody of that name, or not as a tenant. */
  async settle(budget: Budget): Promise<Budget> {
    const { scope, tenant, subject } = budget;
    switch (scope) {
      case 'key':
        return { ...budget, subject: (await this.key(subject!, 'subject')).id };
      case 'team':
        return { ...budget, subject: await this.team(subject!) };
      case 'user':
      case 'tag':
        return { ...budget, tenant: await this.tenant(tenant!) };
      case 'everything':
        return budget;
    }
  }

  private async team(id: string): Promise<string> {
    const row = isUuid(id) ? await this.transaction.team.findUnique({ select: { id: true }, where: { id } }) : null;
    if (row) return row.id;
    throw new GatewayError('invalid_request', 'There is no team with the id in `subject`.', { param: 'subject' });
  }

  private async key(name: string, param: 'subject' | 'tenant'): Promise<{ readonly id: string; readonly teamId: string | null }> {
    if (this.staticKeyIds.includes(name)) return { id: name, teamId: null };
    const where = isUuid(name) ? { id: name } : { publicId: name };
    const row = NAME.test(name) ? await this.transaction.apiKey.findUnique({ select: { id: true, teamId: true }, where }) : null;
    if (row) return row;
    const what = param === 'subject' ? 'key' : 'team or key';
    throw new GatewayError('invalid_request', `There is no ${what} with the id in \`${param}\`.`, { param });
  }

  private async tenant(name: string): Promise<string> {
    const team = isUuid(name) ? await this.transaction.team.findUnique({ select: { id: true }, where: { id: name } }) : null;
    if (team) return team.id;
    const key = await this.key(name, 'tenant');
    if (key.teamId === null) return key.id;
    const message = `The key in \`tenant\` belongs to a team, which its end users and tags belong to then. Name the team: ${key.teamId}.`;
    throw new GatewayError('invalid_request', message, { param: 'tenant' });
  }
}
