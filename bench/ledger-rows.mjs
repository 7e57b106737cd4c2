// The calls of the ledger drill, as the gateway's own function writes them: rising in time, the same for the same seed.

import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { makePopulation, REQUEST_TAGS, TEMPLATES, userName } from './ledger-population.mjs';
import { Random } from './ledger-random.mjs';

/** @typedef {import('./ledger-population.mjs').Key} Key */
/** @typedef {import('./ledger-population.mjs').Model} Model */
/** @typedef {{ rows: number, seed: number, sinceMs: number, untilMs: number }} Fill */
/** @typedef {Model & { priced: { id: string, version: string } | undefined }} PricedModel */

const HOUR_MS = 3_600_000;
const SURFACES = ['openai-chat', 'openai-chat', 'openai-chat', 'anthropic-messages', 'openai-responses'];
const FAILURES = /** @type {const} */ ([
  { status: 503, errorKind: 'upstream_unavailable' },
  { status: 429, errorKind: 'upstream_rate_limited' },
  { status: 400, errorKind: 'upstream_rejected' },
  { status: 502, errorKind: 'upstream_protocol' },
]);
const ZERO = { input: 0, cacheRead: 0, cacheWrite5m: 0, cacheWrite1h: 0, output: 0, audioInput: 0, audioOutput: 0, image: 0, reasoning: 0 };

/** @param {string} entry @param {string[]} path of a module of the build */
export function importBuilt(entry, ...path) {
  return import(pathToFileURL(join(dirname(entry), ...path)).href);
}

/** With the prices that calls are charged by. @param {string} entry @param {readonly Model[]} models @returns {Promise<PricedModel[]>} */
export async function priced(entry, models) {
  const { priceIdOf } = await importBuilt(entry, 'usage', 'prices', 'price-id.js');
  return models.map((model) => {
    if (model.price === undefined) return { ...model, priced: undefined };
    const priceOf = { price: model.price, version: 'drill' };
    return { ...model, priced: { ...priceOf, id: priceIdOf(priceOf) } };
  });
}

export class Rows {
  #population;
  #models;
  #random;
  #moments;
  #toLedgerLine;
  #chargeOf;
  #monthMs = NaN;
  #budgets = /** @type {Map<number, string[]>} */ (new Map());

  /** @param {Fill} fill @param {{ models: PricedModel[], toLedgerLine: Function, chargeOf: Function }} built */
  constructor(fill, { models, toLedgerLine, chargeOf }) {
    this.#population = makePopulation(fill.seed);
    this.#models = models;
    this.#random = new Random(fill.seed + 1);
    this.#moments = moments(fill);
    this.#toLedgerLine = toLedgerLine;
    this.#chargeOf = chargeOf;
  }

  /** @param {Fill} fill @param {string} entry */
  static async open(fill, entry) {
    const [{ toLedgerLine }, { chargeOf }] = await Promise.all([
      importBuilt(entry, 'usage', 'ledger', 'ledger-line.js'),
      importBuilt(entry, 'core', 'price.js'),
    ]);
    return new Rows(fill, { models: await priced(entry, makePopulation(fill.seed).models), toLedgerLine, chargeOf });
  }

  /** At most so many lines; none when all have been made. @param {number} most @returns {string[]} */
  take(most) {
    /** @type {string[]} */
    const lines = [];
    while (lines.length < most) {
      const { value, done } = this.#moments.next();
      if (done || value === undefined) break;
      lines.push(this.#toLedgerLine(this.#record(value)));
    }
    return lines;
  }

  /** @param {number} admittedAt */
  #record(admittedAt) {
    const random = this.#random;
    const { keys, keyWeights, tenants, modelWeights } = this.#population;
    const key = /** @type {Key} */ (keys[keyWeights.draw(random)]);
    const tenant = /** @type {import('./ledger-population.mjs').Tenant} */ (tenants[key.tenant]);
    const model = /** @type {PricedModel} */ (this.#models[modelWeights.draw(random)]);
    const streamed = random.next() < 0.6;
    const call = {
      callId: random.id(admittedAt),
      requestId: `req_${random.id(admittedAt).replaceAll('-', '')}`,
      admittedAt,
      userId: random.next() < 0.85 ? userName(tenant, tenant.users.draw(random)) : undefined,
      tags: tagsOf(random, key),
      template: random.next() < 0.2 ? random.of(TEMPLATES) : undefined,
      caller: { keyId: key.id, tenant: tenant.id },
      request: { dialect: random.of(SURFACES), stream: streamed, modelAsked: model.model },
    };
    const ended = endOf(random);
    const durationMs = Math.round(random.around(streamed ? 2_600 : 1_400, 0.8));
    const usage = ended.isAnswered ? usageOf(random, model) : ZERO;
    const charge = model.priced && this.#chargeOf(model.priced, usage, undefined);
    const isReached = ended.isAnswered || random.next() < 0.8;
    return {
      call,
      template: call.template,
      provider: isReached ? model.provider : undefined,
      model: isReached ? model.model : undefined,
      status: ended.status,
      ending: ended.ending,
      errorKind: ended.errorKind,
      usage,
      usageSource: ended.ending === 'complete' ? 'provider' : 'counted',
      costNanoUsd: charge?.costNanoUsd ?? 0n,
      failedCostNanoUsd: 0n,
      priceVersion: model.priced?.version,
      priceId: model.priced?.id,
      tierAbove: undefined,
      serviceTier: undefined,
      providerCostNanoUsd: model.provider === 'openrouter' && ended.isAnswered ? charge?.costNanoUsd : undefined,
      durationMs,
      firstTokenMs: ended.isAnswered ? Math.round(durationMs * (0.1 + 0.4 * random.next())) : undefined,
      overheadUs: Math.round(random.around(450, 0.4)),
      attempts: isReached ? attemptsOf(random, model, durationMs, ended.errorKind ?? 'answered') : [],
      budgets: this.#budgetsOf(key.tenant, tenant.budgets, admittedAt),
    };
  }

  /** All of them are by the month. @param {number} tenant @param {readonly string[]} ids @param {number} at */
  #budgetsOf(tenant, ids, at) {
    const month = new Date(at);
    const since = Date.UTC(month.getUTCFullYear(), month.getUTCMonth());
    if (since !== this.#monthMs) this.#budgets.clear();
    this.#monthMs = since;
    const known = this.#budgets.get(tenant) ?? ids.map((id) => `${id}@${since}`);
    this.#budgets.set(tenant, known);
    return known;
  }
}

/** Rising, and denser by day than by night and at weekends. @param {Fill} fill */
function* moments({ rows, sinceMs, untilMs }) {
  const hours = Math.max(1, Math.ceil((untilMs - sinceMs) / HOUR_MS));
  const weights = Array.from({ length: hours }, (_, hour) => weightOf(new Date(sinceMs + hour * HOUR_MS)));
  const each = weights.reduce((sum, weight) => sum + weight, 0) / rows;
  let [hour, passed] = [0, 0];
  for (let row = 0; row < rows; row += 1) {
    const wanted = (row + 0.5) * each;
    while (hour < hours - 1 && passed + (weights[hour] ?? 0) < wanted) {
      passed += weights[hour] ?? 0;
      hour += 1;
    }
    const within = Math.min(1, (wanted - passed) / (weights[hour] ?? 1));
    yield Math.min(untilMs - 1, Math.floor(sinceMs + (hour + within) * HOUR_MS));
  }
}

/** @param {Date} hour */
function weightOf(hour) {
  const isWeekend = hour.getUTCDay() % 6 === 0;
  return (isWeekend ? 0.4 : 1) * (1.2 - Math.cos((2 * Math.PI * (hour.getUTCHours() - 3)) / 24));
}

/** @param {Random} random @param {Key} key */
function tagsOf(random, key) {
  /** @type {Record<string, string>} */
  const tags = { ...key.tags };
  for (const { name, share, values } of REQUEST_TAGS) if (random.next() < share) tags[name] = random.of(values);
  return tags;
}

/** Of a hundred calls more than one fails, and about one is abandoned by its client. @param {Random} random */
function endOf(random) {
  const drawn = random.next();
  if (drawn > 0.025) return { ending: 'complete', status: 200, errorKind: undefined, isAnswered: true };
  if (drawn > 0.015) return { ending: 'client_gone', status: 499, errorKind: 'client_closed', isAnswered: true };
  if (drawn > 0.012) return { ending: 'upstream_cut', status: 200, errorKind: 'upstream_protocol', isAnswered: true };
  if (drawn > 0.009) return { ending: 'timed_out', status: 504, errorKind: 'upstream_timeout', isAnswered: false };
  return { ending: 'failed', isAnswered: false, ...random.of(FAILURES) };
}

/** @param {Random} random @param {Model} model */
function usageOf(random, { provider, reasons }) {
  const input = Math.ceil(random.around(800, 1.1));
  const output = Math.ceil(random.around(250, 0.9));
  const cacheRead = random.next() < 0.3 ? Math.floor(input * random.next()) : 0;
  const cacheWrite5m = provider === 'anthropic' && random.next() < 0.2 ? Math.floor((input - cacheRead) / 2) : 0;
  const reasoning = reasons ? Math.floor(output * 0.6) : 0;
  return { ...ZERO, input: input - cacheRead - cacheWrite5m, cacheRead, cacheWrite5m, output, reasoning };
}

/** Few need a second one. @param {Random} random @param {Model} target @param {number} durationMs @param {string} outcome */
function attemptsOf(random, { provider, model }, durationMs, outcome) {
  const last = { provider, model, startedMs: 1, durationMs: durationMs - 1, outcome };
  if (random.next() > 0.03) return [last];
  const first = { provider, model, startedMs: 1, durationMs: 40, outcome: 'upstream_unavailable', reason: 'connection refused' };
  return [first, { ...last, startedMs: 60, durationMs: Math.max(0, durationMs - 60) }];
}
