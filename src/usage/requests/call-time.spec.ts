import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { makeId } from '../../core/ids.js';
import { callTimeOf } from './call-time.js';

describe('callTimeOf', () => {
  it('is to the millisecond when the id was made', () => {
    fc.assert(fc.property(fc.integer({ min: 0, max: Date.UTC(9999, 0) }), (ms) => expect(callTimeOf(makeId(ms))).toBe(ms)));
    expect(callTimeOf('019B76DA-A800-7000-8000-000000000001')).toBe(Date.UTC(2026, 0, 1));
  });

  it.each([
    'req_019b76daa8007000',
    '',
    'f47ac10b-58cc-4372-a567-0e02b2c3d479',
    '019b76da-a800-7000-8000-00000000000',
    '019b76da-a800-7000-c000-000000000001',
    'ffffffff-ffff-7fff-bfff-ffffffffffff',
    ' 019b76da-a800-7000-8000-000000000001',
  ])('is none for %j', (id) => {
    expect(callTimeOf(id)).toBeUndefined();
  });
});
