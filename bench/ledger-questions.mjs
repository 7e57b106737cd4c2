// What the ledger drill asks the gateway, and within what time it is to be answered.

import { userName } from './ledger-population.mjs';

/** @typedef {import('./ledger-random.mjs').Random} Random */
/** @typedef {'admin' | 'busy' | 'quiet'} Asker whose key: an administrator's, or one with many calls, or with few */

/**
 * What questions are about; drawn anew each time.
 * @typedef {object} Scope
 * @property {Random} random
 * @property {import('./ledger-population.mjs').Population} population
 * @property {number} sinceMs
 * @property {number} untilMs
 * @property {readonly { callId: string, requestId: string, keyId: string }[]} calls some that there are
 * @property {import('./ledger-population.mjs').Key} key who asks, if it is no administrator
 */

/**
 * @typedef {object} Question
 * @property {string} route
 * @property {string} name
 * @property {Asker} by
 * @property {number} bound 95 of 100 within, ms
 * @property {number} status that it is to be answered with
 * @property {(scope: Scope) => string} toPath
 */
/** @typedef {{ [name: string]: string | number | undefined }} Parameters */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const REPORT_MS = 300;
const SUMMARY_MS = 100;
const ALL_DAYS = 395;
const ZONES = ['UTC', 'Europe/Berlin', 'America/New_York', 'Asia/Kolkata', 'Asia/Kathmandu'];
const FEW = 20;

/** Every route that reads much, by what it is asked. One that answers 404 is reported as such. */
const ROUTES = {
  stats: '/v1/usage/stats',
  user: '/v1/usage',
  usage: '/v1/admin/usage',
  requests: '/v1/requests',
  adminRequests: '/v1/admin/requests',
  summary: '/v1/admin/summary',
};

/** @type {readonly [interval: string | undefined, days: readonly number[]][]} */
const INTERVALS = [
  [undefined, [1, 30, ALL_DAYS]],
  ['hour', [3]],
  ['day', [30]],
  ['week', [ALL_DAYS]],
  ['month', [ALL_DAYS]],
];
/** There are too many end users for longer ones: the gateway refuses those, and says so. */
const MOST_DAYS_OF_USERS = { ofKey: 92, ofAll: 3 };
const OWN_GROUPINGS = [undefined, 'model', 'provider', 'user', 'tag', 'template'];
const GROUPINGS = [undefined, 'model', 'provider', 'key', 'team', 'user', 'tag', 'template', 'outcome'];

/** @returns {readonly Question[]} */
export function makeQuestions() {
  return [...statsQuestions(), ...userQuestions(), ...usageQuestions(), ...listQuestions(), ...callQuestions(), ...summaryQuestions()];
}

/** @param {Asker} by @param {string} route @param {string} name @param {(scope: Scope) => Parameters} toParameters @returns {Question} */
function ask(by, route, name, toParameters) {
  return { route, name, by, bound: REPORT_MS, status: 200, toPath: (scope) => `${route}${query(toParameters(scope))}` };
}

/** @param {string | undefined} group_by @param {'ofKey' | 'ofAll'} whose @returns {[interval: string | undefined, days: number][]} */
function spansOf(group_by, whose) {
  const most = group_by === 'user' ? MOST_DAYS_OF_USERS[whose] : ALL_DAYS;
  /** @type {[string | undefined, number][]} */
  const all = [];
  for (const [interval, spans] of INTERVALS)
    for (const days of new Set(spans.map((each) => Math.min(each, most)))) all.push([interval, days]);
  return all;
}

/** @returns {Question[]} */
function statsQuestions() {
  const askers = /** @type {const} */ (['busy', 'quiet']);
  return askers.flatMap((by) =>
    OWN_GROUPINGS.flatMap((group_by) =>
      spansOf(group_by, 'ofKey').map(([interval, days]) =>
        ask(by, ROUTES.stats, named({ group_by, interval, days }), (scope) => ({ group_by, interval, ...span(scope, days) })),
      ),
    ),
  );
}

/** @returns {Question[]} */
function userQuestions() {
  const askers = /** @type {const} */ (['admin', 'busy', 'quiet']);
  return askers.flatMap((by) =>
    [true, false].flatMap((isBusy) =>
      [30, ALL_DAYS].map((days) => ({
        ...ask(by, ROUTES.user, `${isBusy ? 'busy' : 'quiet'} user, ${days} days`, () => ({})),
        toPath: (/** @type {Scope} */ scope) => `${ROUTES.user}/${userOf(scope, isBusy)}${query(span(scope, days))}`,
      })),
    ),
  );
}

/** @returns {Question[]} */
function usageQuestions() {
  const all = GROUPINGS.flatMap((group_by) =>
    spansOf(group_by, 'ofAll').map(([interval, days]) => {
      const limit = interval === undefined || group_by === undefined ? undefined : FEW;
      return ask('admin', ROUTES.usage, named({ group_by, interval, days }), (scope) => ({
        group_by,
        interval,
        limit,
        ...span(scope, days),
      }));
    }),
  );
  const ofKey = ['model', 'user', 'tag'].map((group_by) => {
    const days = group_by === 'user' ? MOST_DAYS_OF_USERS.ofKey : ALL_DAYS;
    return ask('admin', ROUTES.usage, `of a key, by ${group_by}, ${days} days`, (scope) => ({
      group_by,
      key_id: keyOf(scope).id,
      ...span(scope, days),
    }));
  });
  const ofUser = [undefined, 'model'].map((group_by) =>
    ask('admin', ROUTES.usage, `of a user, by ${group_by ?? 'nothing'}, ${ALL_DAYS} days`, (scope) => {
      return { group_by, user_id: userOf(scope, true), ...span(scope, ALL_DAYS) };
    }),
  );
  return [...all, ...ofKey, ...ofUser];
}

/** @returns {Question[]} */
function listQuestions() {
  /** @type {Record<string, (scope: Scope) => Parameters>} */
  const filters = {
    'first page': lately,
    'deep page': deep,
    'deep page of 200': (scope) => ({ ...deep(scope), limit: 200 }),
    'a user, 395 days': (scope) => ({ ...always(scope), user: userOf(scope, true) }),
    'a model, 30 days': (scope) => ({ ...lately(scope), model: scope.random.of(scope.population.models).model }),
    'a rare model, 395 days': (scope) => ({ ...always(scope), model: scope.population.models.at(-1)?.model }),
    'a status, 30 days': (scope) => ({ ...lately(scope), status: 504 }),
    'an error, deep': (scope) => ({ ...deep(scope), error_kind: 'upstream_rate_limited' }),
    'an ending, 30 days': (scope) => ({ ...lately(scope), ending: 'upstream_cut' }),
    'a tag, 30 days': (scope) => ({ ...lately(scope), tag: 'feature=route' }),
    'a provider, 30 days': (scope) => ({ ...lately(scope), provider: 'openrouter' }),
    'a label': (scope) => ({ ...always(scope), request_id: callOf(scope).requestId }),
    'nothing found, 30 days': (scope) => ({ ...lately(scope), status: 418 }),
  };
  const askers = /** @type {const} */ (['busy', 'quiet', 'admin']);
  const common = askers.flatMap((by) =>
    Object.entries(filters).map(([name, toParameters]) =>
      ask(by, by === 'admin' ? ROUTES.adminRequests : ROUTES.requests, name, toParameters),
    ),
  );
  return [
    ...common,
    ask('admin', ROUTES.adminRequests, 'a busy key, deep page', (scope) => ({ ...deep(scope), key: keyOf(scope).id })),
    ask('admin', ROUTES.adminRequests, 'a team and a user, 395 days', (scope) => {
      const tenant = scope.random.of(scope.population.tenants.slice(0, FEW));
      return { ...always(scope), team: tenant.id, user: userName(tenant, scope.random.whole(Math.min(FEW, tenant.userCount))) };
    }),
  ];
}

/** @returns {Question[]} */
function callQuestions() {
  const usual = { ...ask('admin', '/v1/requests/{id}', '', () => ({})), status: 200 };
  return [
    { ...usual, name: 'by id', toPath: (scope) => `${ROUTES.requests}/${callOf(scope).callId}` },
    { ...usual, name: 'by label', toPath: (scope) => `${ROUTES.requests}/${callOf(scope).requestId}` },
    { ...usual, name: 'not there', status: 404, toPath: ({ random, untilMs }) => `${ROUTES.requests}/${random.id(untilMs)}` },
  ];
}

/** @returns {Question[]} */
function summaryQuestions() {
  return ['1h', '24h', '7d', '30d', '92d', `${ALL_DAYS}d`].map((window) => ({
    ...ask('admin', ROUTES.summary, window, () => ({ window })),
    bound: SUMMARY_MS,
  }));
}

/** @param {{ group_by: string | undefined, interval: string | undefined, days: number }} of */
function named({ group_by, interval, days }) {
  return [group_by ? `by ${group_by}` : 'in all', interval && `each ${interval}`, days === 1 ? '1 day' : `${days} days`]
    .filter(Boolean)
    .join(', ');
}

/** Half of them from midnight to midnight, half from any second to another. @param {Scope} scope @param {number} days @returns {Parameters} */
function span({ random, sinceMs, untilMs }, days) {
  const lengthMs = Math.min(days * DAY_MS, untilMs - sinceMs);
  const until = untilMs - Math.floor(random.next() * (untilMs - sinceMs - lengthMs));
  const time_zone = random.of(ZONES);
  const text = (/** @type {number} */ ms) => new Date(ms).toISOString();
  if (random.next() < 0.5) return { from: `${text(until - lengthMs).slice(0, 19)}Z`, to: `${text(until).slice(0, 19)}Z`, time_zone };
  return { from: text(until - lengthMs + DAY_MS).slice(0, 10), to: text(until).slice(0, 10), time_zone };
}

/** @param {Scope} scope @returns {Parameters} */
function always({ sinceMs, untilMs }) {
  return { from: new Date(sinceMs).toISOString(), to: new Date(untilMs).toISOString() };
}

/** @param {Scope} scope @returns {Parameters} */
function lately({ untilMs }) {
  return { from: new Date(untilMs - 30 * DAY_MS).toISOString(), to: new Date(untilMs).toISOString() };
}

/** What comes after a call far back: any moment will do. @param {Scope} scope @returns {Parameters} */
function deep({ random, sinceMs, untilMs }) {
  const at = sinceMs + Math.floor((0.2 + 0.6 * random.next()) * (untilMs - sinceMs));
  return { from: new Date(sinceMs).toISOString(), after: random.id(at) };
}

/** @param {Scope} scope */
function keyOf({ random, population }) {
  return random.of(population.keys.slice(0, FEW));
}

/** @param {Scope} scope */
function callOf({ random, calls, key }) {
  const own = calls.filter(({ keyId }) => keyId === key.id);
  const found = random.of(own.length > 0 ? own : calls);
  if (!found) throw new Error('The ledger is empty.');
  return found;
}

/** Of the tenant of the key that asks. @param {Scope} scope @param {boolean} isBusy */
function userOf({ random, population, key }, isBusy) {
  const tenant = population.tenants[key.tenant];
  if (!tenant) throw new Error('A key without tenant.');
  const many = Math.min(FEW, tenant.userCount);
  return userName(tenant, isBusy ? random.whole(many) : tenant.userCount - 1 - random.whole(many));
}

/** @param {Parameters} parameters */
function query(parameters) {
  const given = Object.entries(parameters).flatMap(([name, value]) =>
    value === undefined ? [] : [`${name}=${encodeURIComponent(value)}`],
  );
  return given.length > 0 ? `?${given.join('&')}` : '';
}
