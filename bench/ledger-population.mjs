// Who calls what in the ledger drill: the same for the same seed.

import { Random, Weighted, zipf } from './ledger-random.mjs';

/** @typedef {{ id: string, name: string, budgetId: string | undefined }} Team */
/** @typedef {{ id: string, publicId: string, secret: string, name: string, team: Team | undefined, tenant: number, tags: Record<string, string> }} Key */
/** @typedef {{ id: string, weight: number, users: Weighted, firstUser: number, userCount: number, budgets: readonly string[] }} Tenant a team, or a key that has none */
/** @typedef {{ provider: string, model: string, price: Record<string, bigint> | undefined, reasons: boolean }} Model */

/**
 * @typedef {object} Population
 * @property {readonly Team[]} teams
 * @property {readonly Key[]} keys the busiest first
 * @property {Weighted} keyWeights
 * @property {readonly Tenant[]} tenants
 * @property {readonly Model[]} models
 * @property {Weighted} modelWeights
 * @property {string} everythingBudget
 */

const TEAMS = 100;
const KEYS = 1_000;
const USERS = 100_000;
const PROVIDERS = ['openai', 'anthropic', 'google', 'mistral', 'openrouter'];
const MODELS_OF_EACH = 10;
const TEAMS_WITH_BUDGET = 40;
/** Of ten keys one belongs to no team. */
const OWN_TENANT_EVERY = 10;

/** Five tags: one of three is set on each key, and half of the calls come with one of two more. */
/** @type {readonly { name: string, share: number, values: readonly string[] }[]} */
export const REQUEST_TAGS = [{ name: 'env', share: 0.5, values: ['production', 'staging'] }];
export const TEMPLATES = ['answer', 'classify', 'greet', 'rewrite', 'summary', 'title'];
const APPS = ['assistant', 'crm', 'search'];

/** What gateway keys are written with. */
const LETTERS = '23456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';
/** Ids of what was there before the first call. */
const MADE_AT = Date.UTC(2025, 0, 1);

/** @param {number} seed @returns {Population} */
export function makePopulation(seed) {
  const random = new Random(seed);
  const teams = Array.from({ length: TEAMS }, (_, index) => ({
    id: random.id(MADE_AT),
    name: `team-${index}`,
    budgetId: index < TEAMS_WITH_BUDGET ? random.id(MADE_AT) : undefined,
  }));
  const everythingBudget = random.id(MADE_AT);
  const weights = zipf(KEYS);
  const { keys, tenants } = makeKeys(random, { teams, weights, everythingBudget });
  const models = makeModels(random);
  return {
    teams,
    keys,
    keyWeights: new Weighted(weights),
    tenants,
    models,
    modelWeights: new Weighted(zipf(models.length)),
    everythingBudget,
  };
}

/** @param {Random} random @param {{ teams: readonly Team[], weights: readonly number[], everythingBudget: string }} of */
function makeKeys(random, { teams, weights, everythingBudget }) {
  /** @type {Map<string, { index: number, weight: number, budgets: string[] }>} */
  const tenants = new Map();
  const keys = weights.map((weight, index) => {
    const id = random.id(MADE_AT);
    const team = index % OWN_TENANT_EVERY === OWN_TENANT_EVERY - 1 ? undefined : teams[index % teams.length];
    const budgets = [everythingBudget, ...(team?.budgetId === undefined ? [] : [team.budgetId])];
    const tenant = tenants.get(team?.id ?? id) ?? { index: tenants.size, weight: 0, budgets };
    tenant.weight += weight;
    tenants.set(team?.id ?? id, tenant);
    const tags = { app: random.of(APPS) };
    return {
      id,
      publicId: random.text(LETTERS, 12),
      secret: random.text(LETTERS, 36),
      name: `key-${index}`,
      team,
      tenant: tenant.index,
      tags,
    };
  });
  return { keys, tenants: withUsers(tenants) };
}

/** Each tenant has end users of its own, as many as it is busy; within it some are busier by Zipf's law. @param {Map<string, { index: number, weight: number, budgets: string[] }>} tenants */
function withUsers(tenants) {
  const whole = [...tenants.values()].reduce((sum, { weight }) => sum + weight, 0);
  let firstUser = 0;
  return [...tenants].map(([id, { weight, budgets }]) => {
    const userCount = Math.max(1, Math.round((USERS * weight) / whole));
    const tenant = { id, weight: weight / whole, users: new Weighted(zipf(userCount)), firstUser, userCount, budgets };
    firstUser += userCount;
    return tenant;
  });
}

/** By falling use; the last one has no price. @param {Random} random @returns {Model[]} */
function makeModels(random) {
  return Array.from({ length: PROVIDERS.length * MODELS_OF_EACH }, (_, index) => {
    const input = BigInt(Math.round(random.around(600_000, 1)));
    const price = {
      input,
      cacheRead: input / 10n,
      cacheWrite5m: (input * 5n) / 4n,
      cacheWrite1h: input * 2n,
      output: input * 4n,
      audioInput: input * 8n,
      audioOutput: input * 16n,
      image: input,
    };
    const hasPrice = index < PROVIDERS.length * MODELS_OF_EACH - 1;
    const provider = PROVIDERS[index % PROVIDERS.length] ?? '';
    return { provider, model: `${provider}-model-${index}`, price: hasPrice ? price : undefined, reasons: index % 4 === 0 };
  });
}

/** As calls name them. @param {Pick<Tenant, 'firstUser'>} tenant @param {number} rank */
export function userName({ firstUser }, rank) {
  return `user-${firstUser + rank}`;
}
