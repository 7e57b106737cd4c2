import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { findNearest } from './nearest.js';

const NAMES = ['name', 'type', 'base_url', 'api_key_env', 'models', 'priority', 'max_concurrency', 'trust_unknown'];

describe('findNearest', () => {
  it('finds the name behind swapped, missing, doubled and capital letters', () => {
    expect(findNearest('tpye', NAMES)).toBe('type');
    expect(findNearest('base_ur', NAMES)).toBe('base_url');
    expect(findNearest('baseUrl', NAMES)).toBe('base_url');
    expect(findNearest('prioritty', NAMES)).toBe('priority');
    expect(findNearest('MODELS', NAMES)).toBe('models');
  });

  it('has no answer where nothing is near', () => {
    expect(findNearest('retries', NAMES)).toBeUndefined();
    expect(findNearest('', NAMES)).toBeUndefined();
  });

  it('finds every name of some length again after any one edit', () => {
    const long = fc.constantFrom(...NAMES.filter((name) => name.length > 5));
    fc.assert(
      fc.property(long, fc.nat(), fc.constantFrom('drop', 'insert', 'swap'), (name, seed, edit) => {
        const at = seed % (name.length - 1);
        const [before, first, second, after] = [name.slice(0, at), name[at]!, name[at + 1]!, name.slice(at + 2)];
        const edited = {
          drop: before + second + after,
          insert: `${before}x${first}${second}${after}`,
          swap: before + second + first + after,
        };

        expect(findNearest(edited[edit as 'drop'], NAMES)).toBe(name);
      }),
    );
  });
});
