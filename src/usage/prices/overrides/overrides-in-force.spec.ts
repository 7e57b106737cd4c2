import { describe, expect, it } from '@jest/globals';
import { anOverride } from '../../../../test/support/price-override.js';
import { bySpan, overridesAt } from './overrides-in-force.js';
import type { PriceOverride } from './price-override.js';

const ids = (overrides: readonly PriceOverride[]): readonly string[] => overrides.map(({ id }) => id);

describe('overridesAt', () => {
  it('asks administrators before lists, and who names the provider before who does not', () => {
    const all = [
      anOverride({ id: '4', origin: 'sync' }),
      anOverride({ id: '2' }),
      anOverride({ id: '3', origin: 'sync', provider: 'a' }),
      anOverride({ id: '1', provider: 'a' }),
    ];

    expect(ids(overridesAt(all, 0))).toEqual(['1', '2', '3', '4']);
  });

  it('takes of several the one that began last, and of two that began together the one that was made later', () => {
    const all = [
      anOverride({ id: 'b', from: 10 }),
      anOverride({ id: 'c', from: 5 }),
      anOverride({ id: 'd', from: 10 }),
      anOverride({ id: 'a' }),
    ];

    expect([0, 4, 5, 9, 10, 99].flatMap((atMs) => ids(overridesAt(all, atMs)))).toEqual(['a', 'a', 'c', 'c', 'd', 'd']);
  });

  it('holds from its beginning until it is taken back; then the one before it holds again', () => {
    const all = [anOverride({ id: 'old' }), anOverride({ id: 'new', from: 10, removedAt: 20 })];

    expect([9, 10, 19, 20].flatMap((atMs) => ids(overridesAt(all, atMs)))).toEqual(['old', 'new', 'new', 'old']);
  });

  it('never holds where it was taken back before it began', () => {
    const one = anOverride({ from: 10, removedAt: 5 });

    expect([0, 5, 7, 10, 11].flatMap((atMs) => ids(overridesAt([one], atMs)))).toEqual([]);
  });
});

describe('bySpan', () => {
  const all = [anOverride({ id: 'a', from: 10, removedAt: 30 }), anOverride({ id: 'b', from: 20 })];

  it('is at each moment what is made of the overrides that hold then', () => {
    const at = bySpan(all, ids);

    for (let atMs = 0; atMs < 40; atMs++) expect(at(atMs)).toEqual(ids(overridesAt(all, atMs)));
  });

  it('makes nothing twice, and nothing that nobody asks for', () => {
    let made = 0;
    const at = bySpan(all, () => ({ number: ++made }));

    expect(at(25)).toBe(at(29));
    expect(at(10)).toBe(at(19));
    expect(made).toBe(2);
  });
});
