import { describe, expect, it } from '@jest/globals';
import { ATTRIBUTE_RULES, findTime } from './attribute-rules.js';

describe('the rules of attributes', () => {
  it.each([
    ['name', 'my app'],
    ['role', 'viewer'],
    ['team', '019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e'],
    ['key', 'client:my-app'],
    ['key', 'h7Kq2mWx9RtZ'],
    ['userId', 'Zürich, 4'],
    ['disabled', false],
    ['models', []],
    ['models', ['gpt-4o', 'claude-*', 'openai/gpt-4o', '*']],
    ['routes', ['chat', 'admin']],
    ['ipAllow', ['10.0.0.0/8', '::1']],
    ['tags', {}],
    ['tags', { team: 'search', 'cost.center': 'Zürich 4' }],
    ['limit', 0],
    ['limit', 1_000_000_000],
    ['expiresAt', '2027-01-01T09:00:00+02:00'],
  ] as const)('take %s %j', (field, value) => {
    expect(ATTRIBUTE_RULES[field](value)).toBeUndefined();
  });

  it.each([
    ['name', '', '1 to 100 characters'],
    ['name', ' my-app', 'without spaces around'],
    ['name', 'two\nlines', 'one line'],
    ['name', 'x'.repeat(101), '1 to 100'],
    ['name', 7, '1 to 100'],
    ['name', 'half \ud800', '1 to 100'],
    ['role', 'root', 'one of client, viewer, admin'],
    ['team', 'search', 'the id of a team'],
    ['team', 7, 'the id of a team'],
    ['key', 'my key', 'the id or the public id'],
    ['userId', '', '1 to 500 characters'],
    ['userId', 'x'.repeat(501), '1 to 500 characters'],
    ['userId', 'nul \0', '1 to 500 characters'],
    ['userId', 7, '1 to 500 characters'],
    ['disabled', 'no', 'true or false'],
    ['models', 'gpt-4o', 'must be a list'],
    ['models', ['gpt-4o', 'two words'], 'found "two words"'],
    ['models', ['gpt-4o', 7], 'found 7'],
    ['models', [''], 'found ""'],
    ['models', [null], 'found null'],
    ['models', Array.from({ length: 101 }, String), 'up to 100'],
    ['routes', ['chats'], 'any of chat, responses'],
    ['ipAllow', ['example.com'], 'found "example.com"'],
    ['tags', [], 'up to 10 names'],
    ['tags', { 'a b': 'c' }, 'letters, digits'],
    ['tags', { a: '' }, 'up to 128'],
    ['tags', { a: 'b,c=d' }, 'without , and ='],
    ['tags', { a: 1 }, 'a text each'],
    ['tags', { a: '\ud800' }, 'up to 128'],
    ['tags', Object.fromEntries(Array.from({ length: 11 }, (_, at) => [`t${at}`, 'x'])), 'up to 10'],
    ['limit', -1, 'from 0'],
    ['limit', 1.5, 'whole number'],
    ['limit', '60', 'whole number'],
    ['limit', 1_000_000_001, 'to 1000000000'],
    ['expiresAt', 'soon', 'must be a time such as'],
  ] as const)('say what is wrong with %s %j: %s', (field, value, text) => {
    expect(ATTRIBUTE_RULES[field](value)).toContain(text);
  });
});

describe('findTime', () => {
  it.each([
    ['2027-01-01', '2027-01-01T00:00:00Z'],
    ['2027-01-01T09:00Z', '2027-01-01T09:00:00Z'],
    ['2027-01-01T01:00:00.500+02:00', '2026-12-31T23:00:00.500Z'],
  ])('reads %s', (text, time) => {
    expect(findTime(text)).toBe(Date.parse(time));
  });

  it.each(['', 'tomorrow', '2027-02-30', '2027-02-30T00:00:00Z', '2027-13-01', '2027-01-01T09:00:00', '2027-01-01T25:00:00Z'])(
    'does not read %j',
    (text) => {
      expect(findTime(text)).toBeUndefined();
    },
  );
});
