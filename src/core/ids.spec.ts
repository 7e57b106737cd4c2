import { describe, expect, it } from '@jest/globals';
import { makeId, toRequestId } from './ids.js';

describe('makeId', () => {
  it('makes UUIDs of version 7 that carry their time and never repeat', () => {
    const ids = Array.from({ length: 2_000 }, () => makeId(0x0123_4567_89ab));

    expect(new Set(ids).size).toBe(2_000);
    for (const id of ids) expect(id).toMatch(/^01234567-89ab-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('rises with time', () => {
    expect(makeId(1_700_000_000_001) > makeId(1_700_000_000_000)).toBe(true);
  });
});

describe('toRequestId', () => {
  it('keeps a label that can be carried and replaces any other', () => {
    expect(toRequestId('my.label-1', 0)).toBe('my.label-1');
    for (const label of [undefined, '', 'a b', 'x'.repeat(129), ['a', 'b'], 'a\r\nb'])
      expect(toRequestId(label, 1)).toMatch(/^req_[0-9a-f]{32}$/);
  });
});
