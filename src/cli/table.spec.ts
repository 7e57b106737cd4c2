import { describe, expect, it } from '@jest/globals';
import { toTable } from './table.js';

describe('toTable', () => {
  it('sets cells in columns as wide as their longest', () => {
    expect(
      toTable(
        ['ID', 'NAME'],
        [
          ['a', 'first'],
          ['bcd', 'x'],
        ],
      ),
    ).toBe('ID    NAME\na     first\nbcd   x');
  });
});
