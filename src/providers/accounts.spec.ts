import { beforeEach, describe, expect, it } from '@jest/globals';
import { type AccountTrouble, type ErrorDetails, GatewayError } from '../core/errors.js';
import { Accounts } from './accounts.js';

const MINUTE = 60_000;

function failure(account: AccountTrouble | undefined, details: ErrorDetails = {}): GatewayError {
  return new GatewayError('upstream_unavailable', 'no', { account, ...details });
}

const REFUSED = failure('refused', { status: 401 });
const FORBIDDEN = failure('refused', { status: 403 });
const EXHAUSTED = failure('exhausted', { status: 429 });
const LIMITED = failure('limited', { status: 429 });

describe('the accounts of a provider', () => {
  const clock = { ms: 0, looks: 0, now: () => NaN, elapsed: () => ((clock.looks += 1), clock.ms) };
  beforeEach(() => {
    Object.assign(clock, { ms: 0, looks: 0 });
  });

  const make = (count: number): Accounts => new Accounts(['a', 'b', 'c', 'd'].slice(0, count), clock);
  const turns = (accounts: Accounts, count: number, model = 'm'): string =>
    Array.from({ length: count }, () => accounts.fingerprint(accounts.next(model))).join('');

  it('take turns', () => {
    expect(turns(make(3), 7)).toBe('abcabca');
  });

  it('ask no clock while none of them has ever been in trouble', () => {
    const accounts = make(3);

    turns(accounts, 9);
    accounts.awake('m');

    expect(clock.looks).toBe(0);
  });

  it('leave out who rests, and share its turns evenly', () => {
    const accounts = make(3);

    accounts.rest('a', 'm', REFUSED);

    expect(turns(accounts, 6)).toBe('bcbcbc');
  });

  it.each<[string, GatewayError, number]>([
    ['refused', REFUSED, MINUTE],
    ['refused for want of money', failure('refused', { status: 402 }), MINUTE],
    ['refused in an answer that has no status', failure('refused'), MINUTE],
    ['not allowed this model', FORBIDDEN, MINUTE],
    ['exhausted', EXHAUSTED, MINUTE],
    ['exhausted until then', failure('exhausted', { retryAfterMs: 90_000 }), 90_000],
    ['exhausted for days', failure('exhausted', { retryAfterMs: 86_400_000 }), 10 * MINUTE],
    ['limited', LIMITED, 1_000],
    ['limited until then', failure('limited', { retryAfterMs: 7_500 }), 7_500],
    ['limited for long', failure('limited', { retryAfterMs: 86_400_000 }), MINUTE],
  ])('rest as long as it takes when %s', (_, trouble, restMs) => {
    const accounts = make(2);
    clock.ms = 5_000;

    accounts.rest('a', 'm', trouble);
    clock.ms += restMs - 1;
    const resting = [turns(accounts, 2), accounts.awake('m')];
    clock.ms += 1;

    expect(resting).toEqual(['bb', 1]);
    expect([turns(accounts, 2), accounts.awake('m')]).toEqual(['ab', 2]);
  });

  it.each<[string, GatewayError, string]>([
    ['as a whole when refused', REFUSED, 'bb'],
    ['as a whole when exhausted', EXHAUSTED, 'bb'],
    ['for one model when not allowed it', FORBIDDEN, 'ab'],
    ['for one model when limited', LIMITED, 'ab'],
  ])('rest %s', (_, trouble, other) => {
    const accounts = make(2);

    accounts.rest('a', 'm', trouble);

    expect(turns(accounts, 2, 'm')).toBe('bb');
    expect(turns(accounts, 2, 'other')).toBe(other);
    expect(accounts.awake('other')).toBe(new Set(other).size);
  });

  it('do not rest for what is not theirs, nor for an account of another day', () => {
    const accounts = make(2);

    accounts.rest('a', 'm', failure(undefined, { status: 401 }));
    accounts.rest('gone', 'm', REFUSED);

    expect([turns(accounts, 2), accounts.awake('m')]).toEqual(['ab', 2]);
  });

  it('send the one that wakes first when all of them rest', () => {
    const accounts = make(3);
    accounts.rest('a', 'm', REFUSED);
    accounts.rest('b', 'm', failure('limited', { retryAfterMs: 3_000 }));
    accounts.rest('c', 'm', failure('limited', { retryAfterMs: 9_000 }));

    expect([turns(accounts, 3), accounts.awake('m')]).toEqual(['bbb', 0]);

    accounts.rest('b', 'm', failure('limited', { retryAfterMs: 20_000 }));
    expect(turns(accounts, 2)).toBe('cc');
  });

  it('send the only one whatever befell it, but tell that it rests', () => {
    const accounts = make(1);

    accounts.rest('a', 'm', REFUSED);

    expect([turns(accounts, 2), accounts.awake('m')]).toEqual(['aa', 0]);
  });

  it('rest for a moment even if the provider would be asked again at once, so that the others come first', () => {
    const accounts = make(1);

    accounts.rest('a', 'm', failure('limited', { status: 429, retryAfterMs: 0 }));

    expect(accounts.awake('m')).toBe(0);
  });

  it('are found by name, resting or not, and one that is gone is no longer there', () => {
    const accounts = make(2);
    accounts.rest('b', 'm', REFUSED);

    expect(accounts.indexOf('b')).toBe(1);
    expect(() => accounts.indexOf('gone')).toThrow('no longer configured');
  });

  describe('that are refused again', () => {
    /** How long the account rests from now on. */
    function restOf(accounts: Accounts): number {
      const startMs = clock.ms;
      while (accounts.awake('m') < 2) clock.ms += 1_000;
      return clock.ms - startMs;
    }

    it('right after a rest rest twice as long, up to ten minutes', () => {
      const accounts = make(2);
      const rests = Array.from({ length: 6 }, () => {
        accounts.rest('a', 'm', REFUSED);
        return restOf(accounts) / MINUTE;
      });

      expect(rests).toEqual([1, 2, 4, 8, 10, 10]);
    });

    it('long after it rest as at first', () => {
      const accounts = make(2);
      accounts.rest('a', 'm', REFUSED);
      restOf(accounts);
      clock.ms += 10 * MINUTE + 1;

      accounts.rest('a', 'm', REFUSED);

      expect(restOf(accounts)).toBe(MINUTE);
    });

    it('by calls that were all under way count as refused once', () => {
      const accounts = make(2);

      for (let call = 0; call < 100; call += 1) accounts.rest('a', 'm', REFUSED);

      expect(restOf(accounts)).toBe(MINUTE);
    });

    it('are not woken by a shorter trouble', () => {
      const accounts = make(2);
      accounts.rest('a', 'm', FORBIDDEN);
      clock.ms += 1_000;

      accounts.rest('a', 'm', LIMITED);

      expect(restOf(accounts)).toBe(MINUTE - 1_000);
    });
  });

  it('remember a bounded number of models, those longest that rest longest', () => {
    const accounts = make(2);
    accounts.rest('a', 'real', failure('limited', { retryAfterMs: 50_000 }));

    for (let made = 0; made < 1_000; made += 1) accounts.rest('a', `made-up-${made}`, LIMITED);

    expect(accounts.awake('real')).toBe(1);
    const resting = Array.from({ length: 1_000 }, (_, made) => accounts.awake(`made-up-${made}`)).filter((awake) => awake === 1);
    expect(resting.length).toBeLessThan(100);
    expect(accounts.awake('made-up-999')).toBe(1);
  });

  it('remember no name that is none', () => {
    const accounts = make(2);
    const name = 'x'.repeat(10_000);

    accounts.rest('a', name, LIMITED);

    expect(accounts.awake(name)).toBe(2);
  });
});
