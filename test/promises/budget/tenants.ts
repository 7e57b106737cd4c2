import { request } from 'undici';
import { ADMIN_KEY } from './gateway-fleet.js';

/** A key to call with, and the budgets that bind its calls. */
export interface Payer {
  readonly key: string;
  readonly user: string | undefined;
  readonly budgets: readonly string[];
}

export interface TortureBudget {
  readonly id: string;
  readonly name: string;
  readonly limitNanoUsd: bigint;
}

export interface Tenants {
  readonly payers: readonly Payer[];
  readonly budgets: readonly TortureBudget[];
}

/** Asks the administration, and throws where it refuses. */
export async function administrate<T>(baseUrl: string, method: 'GET' | 'POST', path: string, body?: object): Promise<T> {
  const answer = await request(`${baseUrl}/v1/admin${path}`, {
    method,
    headers: { authorization: `Bearer ${ADMIN_KEY}`, ...(body && { 'content-type': 'application/json' }) },
    ...(body && { body: JSON.stringify(body) }),
  });
  const text = await answer.body.text();
  if (answer.statusCode !== 200) throw new Error(`${method} ${path}: ${answer.statusCode} ${text}`);
  return JSON.parse(text) as T;
}

class Registrar {
  readonly budgets: TortureBudget[] = [];

  constructor(private readonly baseUrl: string) {}

  async budget(name: string, limitUsd: number, scope: object): Promise<string> {
    const limit = limitUsd.toFixed(9);
    const { id } = await administrate<{ id: string }>(this.baseUrl, 'POST', '/budgets', {
      name,
      limit_usd: limit,
      period: 'total',
      ...scope,
    });
    this.budgets.push({ id, name, limitNanoUsd: BigInt(limit.replace('.', '')) });
    return id;
  }

  team(name: string): Promise<{ id: string }> {
    return administrate(this.baseUrl, 'POST', '/teams', { name });
  }

  key(name: string, more: object = {}): Promise<{ id: string; key: string }> {
    return administrate(this.baseUrl, 'POST', '/keys', { name, ...more });
  }
}

/** Two teams and some keys without one, with budgets on every scope: some are used up early, some late, some never. */
export async function settleTenants(baseUrl: string, everythingUsd: number): Promise<Tenants> {
  const registrar = new Registrar(baseUrl);
  const everything = await registrar.budget('everything', everythingUsd, { scope: 'everything' });
  const payers: Payer[] = [];
  for (const name of ['north', 'south']) {
    const team = await registrar.team(name);
    const ofTeam = await registrar.budget(`team ${name}`, everythingUsd * 0.3, { scope: 'team', subject: team.id });
    const ofTag = await registrar.budget(`tag ${name}`, everythingUsd * 0.1, { scope: 'tag', tenant: team.id, subject: 'app=search' });
    const ofUser = await registrar.budget(`user ${name}`, everythingUsd * 0.05, { scope: 'user', tenant: team.id, subject: 'u-1' });
    for (let at = 0; at < 3; at += 1) {
      const made = await registrar.key(`${name}-${at}`, {
        team: team.id,
        ...(at === 1 && { tags: { app: 'search' } }),
        ...(at === 2 && { require_user: true }),
      });
      const budgets = [everything, ofTeam, ...(at === 1 ? [ofTag] : [])];
      if (at !== 2) payers.push({ key: made.key, user: undefined, budgets });
      else
        for (const user of ['u-1', 'u-2']) payers.push({ key: made.key, user, budgets: user === 'u-1' ? [...budgets, ofUser] : budgets });
    }
  }
  for (let at = 0; at < 6; at += 1) {
    const made = await registrar.key(`single-${at}`);
    const own = await registrar.budget(`key ${at}`, everythingUsd * 0.02 * (at + 1), { scope: 'key', subject: made.id });
    payers.push({ key: made.key, user: undefined, budgets: [everything, own] });
  }
  return { payers, budgets: registrar.budgets };
}
