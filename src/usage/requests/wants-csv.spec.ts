import { describe, expect, it } from '@jest/globals';
import { wantsCsv } from './wants-csv.js';

describe('wantsCsv', () => {
  it.each([
    ['csv', 'application/json', true],
    ['json', 'text/csv', false],
    [undefined, 'text/csv', true],
    [undefined, 'TEXT/CSV; charset=utf-8, */*;q=0.1', true],
    [undefined, 'application/json, text/csv', false],
    [undefined, 'text/csv, application/json;q=0.5', true],
    [undefined, '*/*', false],
    [undefined, undefined, false],
  ] as const)('format %s and Accept %s: %s', (format, accept, wanted) => {
    expect(wantsCsv(format, accept)).toBe(wanted);
  });
});
