import { describe, expect, it } from '@jest/globals';
import type { AlertFacts } from './alert.js';
import { messageOf } from './alert-message.js';

const THRESHOLD: AlertFacts = {
  budget: 'marketing',
  scope: 'team',
  subject: '019512aa',
  subject_name: 'search',
  period: 'month',
  since: '2026-11-01T00:00:00Z',
  threshold: 80,
  spent_nano_usd: '80129000000',
  limit_nano_usd: '100000000000',
};

const thresholdWith = (facts: AlertFacts): string => messageOf({ kind: 'budget_threshold', facts: { ...THRESHOLD, ...facts } });

describe('messageOf', () => {
  it('tells of a budget, whose it is, how far it has gone and since when', () => {
    expect(thresholdWith({})).toBe('Budget `marketing` of team search has reached 80 % of US$100.00: US$80.12 spent since 2026-11-01.');
  });

  it.each([
    [{ subject_name: null }, 'of team 019512aa has'],
    [{ scope: 'key', subject_name: 'my-app' }, '`marketing` of key my-app has'],
    [{ scope: 'user', subject: 'ann', subject_name: null }, '`marketing` of user ann has'],
    [{ scope: 'tag', subject: 'app=search', subject_name: null }, '`marketing` of tag app=search has'],
    [{ scope: 'everything', subject: null }, '`marketing` of everything has'],
    [{ scope: 'something new' }, '`marketing` has'],
  ] satisfies [AlertFacts, string][])('names whose budget it is: %j', (facts, expected) => {
    expect(thresholdWith(facts)).toContain(expected);
  });

  it.each([
    ['0', 'US$0.00'],
    ['1', 'US$0.000000001'],
    ['1500000', 'US$0.0015'],
    ['999999999', 'US$0.999999999'],
    ['1000000000', 'US$1.00'],
    ['99999999999', 'US$99.99'],
    ['8900000000000000', 'US$8900000.00'],
    ['no number', 'an unknown amount'],
  ])('writes %s nano-dollars as %s', (nano, expected) => {
    expect(thresholdWith({ spent_nano_usd: nano })).toContain(`: ${expected} spent`);
  });

  it.each([
    [{ since: '2026-11-01T14:30:00Z' }, 'since 2026-11-01 14:30 (UTC).'],
    [{ since: '2026-10-31T23:00:00Z', time_zone: 'Europe/Berlin' }, 'since 2026-11-01.'],
    [{ since: '2026-11-01T00:00:00Z', time_zone: 'Nowhere/At-all' }, 'since 2026-11-01T00:00:00.000Z.'],
    [{ period: 'rolling' }, 'spent within its rolling window.'],
    [{ since: 'once' }, 'spent.'],
  ] satisfies [AlertFacts, string][])('says since when: %j', (facts, expected) => {
    expect(thresholdWith(facts)).toContain(expected);
  });

  it.each([
    [
      'bound_exceeded',
      { model: 'gpt-4o', provider: 'openai', request_id: 'req_1' },
      /`gpt-4o` of provider `openai` went on beyond .*\(request req_1\)\. Streams that do are cut\.$/,
    ],
    ['tier_unpriced', { model: 'gpt-4o', service_tier: 'scale' }, /^Model `gpt-4o` answered in service tier `scale`, of which no price/],
    ['model_unpriced', { model: 'new-model' }, /^Model `new-model` has no price/],
    [
      'ledger_spooled',
      { since: '2026-11-21T12:00:00.000Z', rows: 3, path: '/data/spool/1' },
      /since 2026-11-21T12:00:00.000Z they wait on disk, in `\/data\/spool\/1`, and/,
    ],
    ['webhook_disabled', { webhook: 'ops' }, /^Webhook `ops` was switched off/],
    ['test', {}, /^This is a test/],
  ] satisfies [string, AlertFacts, RegExp][])('tells of %s', (kind, facts, expected) => {
    expect(messageOf({ kind, facts })).toMatch(expected);
  });

  it('tells the facts of a kind that it does not know', () => {
    expect(messageOf({ kind: 'from_the_future', facts: { model: 'x', count: 3 } })).toBe('from_the_future: model x, count 3');
    expect(messageOf({ kind: 'toString', facts: {} })).toBe('toString');
  });

  it('gets by without facts, and keeps long ones short', () => {
    expect(messageOf({ kind: 'budget_threshold', facts: {} })).toContain('Budget `?` has reached ? % of an unknown amount');
    expect(thresholdWith({ budget: 'x'.repeat(1_000) }).length).toBeLessThan(500);
  });
});
