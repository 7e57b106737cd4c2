import { describe, expect, it } from '@jest/globals';
import { findClaims } from './token-claims.js';

const EXP = 1_800_000_000;

describe('the claims of a token', () => {
  it('are a client without a team that may use all models, where they say no more than whose it is', () => {
    expect(findClaims({ sub: 'alice', exp: EXP })).toEqual({
      sub: 'alice',
      jti: undefined,
      endsAtMs: 1_800_000_060_000,
      role: 'client',
      team: undefined,
      models: undefined,
    });
  });

  it('are taken as they stand', () => {
    const claims = { sub: 'alice', exp: EXP, jti: 'one', role: 'admin', team: 'Search', models: ['gpt-4*', 'fast'] };

    expect(findClaims(claims)).toMatchObject({ jti: 'one', role: 'admin', team: 'Search', models: ['gpt-4*', 'fast'] });
  });

  it('count as left out where they are null, as some issuers write it', () => {
    const claims = { sub: 'alice', exp: EXP, role: null, team: null, models: null };

    expect(findClaims(claims)).toMatchObject({ role: 'client', team: undefined, models: undefined });
  });

  it('allow no model where the list is empty', () => {
    expect(findClaims({ sub: 'alice', exp: EXP, models: [] })).toMatchObject({ models: [] });
  });

  it.each([[undefined], [''], [7], ['two\nlines'], ['x'.repeat(256)], ['\ud800']])('are nobody’s with the sub %j', (sub) => {
    expect(findClaims({ sub, exp: EXP } as never)).toBeUndefined();
  });

  it('are nobody’s with a jti that nobody could deny', () => {
    expect(findClaims({ sub: 'alice', exp: EXP, jti: 7 } as never)).toBeUndefined();
    expect(findClaims({ sub: 'alice', exp: EXP, jti: 'x'.repeat(256) })).toBeUndefined();
  });

  it.each([
    [{ role: 'root' }, 'The `role` of this token must be one of client, viewer, admin, or be left out.'],
    [{ role: ['admin'] }, 'The `role` of this token must be one of client, viewer, admin, or be left out.'],
    [{ team: ['a', 'b'] }, 'The `team` of this token must be the id or the name of one team, or be left out.'],
    [{ models: 'gpt-4' }, expect.stringContaining('The `models` of this token must be a list of up to 100')],
    [{ models: ['two words'] }, expect.stringContaining('found "two words"')],
  ])('are refused where they cannot be followed: %j', (wrong, message) => {
    expect(() => findClaims({ sub: 'alice', exp: EXP, ...wrong })).toThrow(expect.objectContaining({ kind: 'forbidden', message }));
  });
});
