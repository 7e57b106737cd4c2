import { describe, expect, it } from '@jest/globals';
import { toCsvLine } from './csv.js';

describe('toCsvLine', () => {
  it('ends each line as RFC 4180 has it, and leaves plain cells plain', () => {
    expect(toCsvLine(['a', 1, 8_999_999_999_999_999_999n, true, null, ''])).toBe('a,1,8999999999999999999,true,,\r\n');
  });

  it.each([
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['two\nlines', '"two\nlines"'],
    ['two\rlines', '"two\rlines"'],
    ['{"app":"search"}', '"{""app"":""search""}"'],
    [' spaced ', ' spaced '],
    ['世界', '世界'],
  ])('quotes %j where it must', (cell, written) => {
    expect(toCsvLine([cell, 'x'])).toBe(`${written},x\r\n`);
  });

  it.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@SUM(A1)', "'@SUM(A1)"],
    ['\t=1', "'\t=1"],
    ['\r=1', '"\'\r=1"'],
    ['=HYPERLINK("http://evil","x")', '"\'=HYPERLINK(""http://evil"",""x"")"'],
  ])('lets no spreadsheet run %j', (cell, written) => {
    expect(toCsvLine([cell])).toBe(`${written}\r\n`);
  });

  it('takes no number for a formula', () => {
    expect(toCsvLine([-1, -1n, 'a=b', '1-1'])).toBe('-1,-1,a=b,1-1\r\n');
  });
});
