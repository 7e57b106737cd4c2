import { formatUsd } from '../core/money.js';
import type { Alert, AlertFacts, AlertKind } from './alert.js';

const MAX_FACT_CHARS = 200;

/** How each kind is told. Facts may be missing: those of another version, or of hand-made alerts. */
const MESSAGES: Record<AlertKind | 'test', (facts: AlertFacts) => string> = {
  budget_threshold: (facts) =>
    `Budget \`${text(facts, 'budget')}\`${holderOf(facts)} has reached ${text(facts, 'threshold')} % of ` +
    `${money(facts, 'limit_nano_usd')}: ${money(facts, 'spent_nano_usd')} spent${sinceOf(facts)}.`,
  bound_exceeded: (facts) =>
    `An answer of model \`${text(facts, 'model')}\`${by('provider', facts)} went on beyond the length that it was limited to, and came ` +
    `to more than its call was held for${call(facts)}. Streams that do are cut.`,
  model_unpriced: (facts) =>
    `Model \`${text(facts, 'model')}\`${by('provider', facts)} has no price: its calls are recorded without a cost, and refused ` +
    'under a budget. Give it one under `prices`.',
  tier_unpriced: (facts) =>
    `Model \`${text(facts, 'model')}\`${by('provider', facts)} answered in service tier \`${text(facts, 'service_tier')}\`, of which no price is ` +
    'known: its calls are charged as in the usual tier.',
  ledger_spooled: (facts) =>
    `The database did not take the rows of the ledger in time: since ${text(facts, 'since')} they wait on disk, in \`${text(facts, 'path')}\`, and ` +
    'are replayed from there in their order.',
  webhook_disabled: (facts) =>
    `Webhook \`${text(facts, 'webhook')}\` was switched off: its receiver answered 410, which means that it is gone for good.`,
  test: () => 'This is a test: alerts of Tollgate arrive here.',
};

/** The alert in a sentence, for people. */
export function messageOf({ kind, facts }: Pick<Alert, 'kind' | 'facts'>): string {
  if (isKnown(kind)) return MESSAGES[kind](facts);
  const told = Object.keys(facts).map((name) => `${name} ${text(facts, name)}`);
  return told.length > 0 ? `${kind}: ${told.join(', ')}` : kind;
}

function isKnown(kind: string): kind is keyof typeof MESSAGES {
  return Object.hasOwn(MESSAGES, kind);
}

const HOLDERS: Readonly<Record<string, string>> = { key: 'key', team: 'team', user: 'user', tag: 'tag' };

function holderOf(facts: AlertFacts): string {
  const holder = HOLDERS[text(facts, 'scope')];
  if (holder === undefined) return facts['scope'] === 'everything' ? ' of everything' : '';
  return ` of ${holder} ${facts['subject_name'] == null ? text(facts, 'subject') : text(facts, 'subject_name')}`;
}

function sinceOf(facts: AlertFacts): string {
  if (facts['period'] === 'rolling') return ' within its rolling window';
  const since = facts['since'];
  if (typeof since !== 'string' || Number.isNaN(Date.parse(since))) return '';
  const zone = typeof facts['time_zone'] === 'string' ? facts['time_zone'] : 'UTC';
  return ` since ${localTime(Date.parse(since), zone)}`;
}

/** A day where it begins then, which periods do: `2026-11-01`; else with the time. */
function localTime(ms: number, timeZone: string): string {
  try {
    // Sweden writes dates as ISO 8601 does.
    const [day, time] = new Intl.DateTimeFormat('sv-SE', { timeZone, dateStyle: 'short', timeStyle: 'short' }).format(ms).split(' ');
    return time === '00:00' ? `${day}` : `${day} ${time} (${timeZone})`;
  } catch {
    return new Date(ms).toISOString();
  }
}

function money(facts: AlertFacts, name: string): string {
  const written = text(facts, name);
  return /^-?\d{1,30}$/.test(written) ? `US$${toCents(formatUsd(BigInt(written)))}` : 'an unknown amount';
}

/** Two decimals at least, and no more once there are whole dollars: what lies below the cent is cut, so that nothing looks reached that is not. */
function toCents(usd: string): string {
  const [whole = '0', fraction = ''] = usd.split('.');
  const isSmall = whole === '0' || whole === '-0';
  return `${whole}.${(isSmall ? fraction : fraction.slice(0, 2)).padEnd(2, '0')}`;
}

function by(name: string, facts: AlertFacts): string {
  return facts[name] == null ? '' : ` of ${name} \`${text(facts, name)}\``;
}

function call(facts: AlertFacts): string {
  return facts['request_id'] == null ? '' : ` (request ${text(facts, 'request_id')})`;
}

function text(facts: AlertFacts, name: string): string {
  const value = facts[name];
  if (value == null) return '?';
  const written = typeof value === 'object' ? JSON.stringify(value) : String(value);
  return written.length > MAX_FACT_CHARS ? `${written.slice(0, MAX_FACT_CHARS)}…` : written;
}
