import { describe, expect, it } from '@jest/globals';
import type { Price } from '../../../core/price.js';
import type { StatedPrice } from '../stated-price.js';
import { compareList } from './price-changes.js';

const KNOWN: Price = {
  input: 10n,
  cacheRead: 1n,
  cacheWrite5m: 12n,
  cacheWrite1h: 12n,
  output: 40n,
  audioInput: 4_000n,
  audioOutput: 8_000n,
  image: 10n,
};

function compare(listed: Readonly<Record<string, StatedPrice>>, synchronised: Readonly<Record<string, StatedPrice>>, besides?: Price) {
  const list = { rates: new Map(Object.entries(listed)), skipped: [{ model: 'odd', reason: 'has no fixed price' }], roundedUp: [] };
  return compareList('mine', list, { synchronised: new Map(Object.entries(synchronised)), besides: () => besides });
}
const steep = (old: StatedPrice, now: StatedPrice) => compare({ m: now }, { m: old }).changes[0]?.isSteep;

describe('compareList', () => {
  it('tells what changed, what is new, what is gone and what was skipped', () => {
    const found = compare(
      { same: { input: 1n, output: 2n }, moved: { input: 1n, output: 3n, request: 5n }, fresh: { input: 7n, output: 8n } },
      { same: { output: 2n, input: 1n }, moved: { input: 1n, output: 2n, cacheRead: 1n }, lost: { input: 1n }, odd: { input: 1n } },
    );

    expect(found).toMatchObject({ provider: 'mine', listed: 4, unchanged: 1, gone: ['lost'], skipped: [{ model: 'odd' }] });
    expect(found.changes).toEqual([
      {
        provider: 'mine',
        model: 'moved',
        kind: 'changed',
        rates: { input: 1n, output: 3n, request: 5n },
        changes: [
          { rate: 'cacheRead', old: 1n, new: undefined },
          { rate: 'output', old: 2n, new: 3n },
          { rate: 'request', old: undefined, new: 5n },
        ],
        isSteep: true,
      },
      {
        provider: 'mine',
        model: 'fresh',
        kind: 'new',
        rates: { input: 7n, output: 8n },
        changes: [
          { rate: 'input', old: undefined, new: 7n },
          { rate: 'output', old: undefined, new: 8n },
        ],
        isSteep: false,
      },
    ]);
  });

  it('holds what is new against what is known of the model besides, but for sound, of which that may be a guess', () => {
    const { changes } = compare({ m: { input: 10n, output: 40n, audioInput: 5n } }, {}, KNOWN);

    expect(changes[0]).toMatchObject({ kind: 'new', isSteep: false });
    expect(changes[0]?.changes).toContainEqual({ rate: 'input', old: 10n, new: 10n });
    expect(compare({ m: { input: 101n, output: 40n, cacheRead: 1n } }, {}, KNOWN).changes[0]?.isSteep).toBe(true);
  });

  it.each<[string, boolean, StatedPrice, StatedPrice]>([
    ['tenfold up', false, { input: 10n }, { input: 100n }],
    ['more than tenfold up', true, { input: 10n }, { input: 101n }],
    ['tenfold down', false, { input: 100n }, { input: 10n }],
    ['more than tenfold down', true, { input: 101n }, { input: 10n }],
    ['to nothing', true, { input: 1n }, { input: 0n }],
    ['from nothing', true, { output: 0n }, { output: 1n }],
    ['a first fee', true, { input: 1n }, { input: 1n, request: 1n }],
    ['a cache that costs as input again', false, { input: 10n, cacheRead: 1n }, { input: 10n }],
    ['reasoning apart, at nearly the price of output', false, { output: 10n }, { output: 10n, reasoning: 9n }],
    ['reasoning apart, at a fraction', true, { output: 11n }, { output: 11n, reasoning: 1n }],
  ])('knows what is steep: %s is %s', (_what, expected, old, now) => {
    expect(steep(old, now)).toBe(expected);
  });
});
