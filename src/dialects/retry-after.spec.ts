import { describe, expect, it } from '@jest/globals';
import type { UpstreamHeaders } from '../core/provider.js';
import { retryAfterMs } from './retry-after.js';

const NOW = Date.parse('2026-11-21T12:00:00Z');

describe('when a provider wants to be asked again', () => {
  it.each<[string, UpstreamHeaders, number | undefined]>([
    ['seconds', { 'retry-after': '7' }, 7_000],
    ['parts of a second', { 'retry-after': '0.0125' }, 13],
    ['at once', { 'retry-after': '0' }, 0],
    ['milliseconds before seconds', { 'retry-after-ms': '1500', 'retry-after': '2' }, 1_500],
    ['parts of a millisecond', { 'retry-after-ms': '12.2' }, 13],
    ['seconds where the milliseconds cannot be read', { 'retry-after-ms': 'soon', 'retry-after': '2' }, 2_000],
    ['a date', { 'retry-after': 'Sat, 21 Nov 2026 12:00:09 GMT' }, 9_000],
    ['a date that is past', { 'retry-after': 'Sat, 21 Nov 2026 11:00:00 GMT' }, 0],
    ['a word', { 'retry-after': 'soon' }, undefined],
    ['nothing', {}, undefined],
    ['an empty header', { 'retry-after': '', 'retry-after-ms': ' ' }, undefined],
    ['a time before now', { 'retry-after': '-1', 'retry-after-ms': '-5' }, undefined],
    ['for ever', { 'retry-after': 'Infinity', 'retry-after-ms': '1e400' }, undefined],
    ['two at once', { 'retry-after': ['1', '2'] }, undefined],
  ])('is read from %s', (_, headers, expected) => {
    expect(retryAfterMs(headers, NOW)).toBe(expected);
  });
});
