import { describe, expect, it } from '@jest/globals';
import { GatewayError } from '../core/errors.js';
import { toSummaryWindow } from './summary-window.js';

const NOW = Date.parse('2026-11-20T12:34:56.789Z');
const sinceOf = (window?: string, hours?: number) => new Date(toSummaryWindow(window, hours, NOW).since).toISOString();

describe('toSummaryWindow', () => {
  it('begins with the quarter of an hour in which so much time ago was', () => {
    expect(sinceOf('1h')).toBe('2026-11-20T11:30:00.000Z');
    expect(sinceOf('30d')).toBe('2026-10-21T12:30:00.000Z');
    expect(sinceOf(undefined, 36)).toBe('2026-11-19T00:30:00.000Z');
    expect(toSummaryWindow('1h', undefined, Date.parse('2026-11-20T12:30:00Z')).since).toBe(Date.parse('2026-11-20T11:30:00Z'));
  });

  it('is a day where nothing is said, and tells its hours and its end', () => {
    expect(toSummaryWindow(undefined, undefined, NOW)).toMatchObject({ hours: 24, until: NOW });
    expect(toSummaryWindow('7d', undefined, NOW).hours).toBe(168);
  });

  it('reaches 13 months back and no further', () => {
    expect(toSummaryWindow('397d', undefined, NOW).hours).toBe(9_528);
    expect(() => toSummaryWindow('398d', undefined, NOW)).toThrow(GatewayError);
    expect(() => toSummaryWindow('9529h', undefined, NOW)).toThrow('at most 397d');
  });

  it('is not said twice', () => {
    expect(() => toSummaryWindow('24h', 24, NOW)).toThrow('leave one of them out');
  });
});
