import { describe, expect, it } from '@jest/globals';
import { monthsFrom } from './month.js';

const tables = (now: string, count: number) => monthsFrom(Date.parse(now), count).map(({ table }) => table);

describe('monthsFrom', () => {
  it('begins with the month of now and goes over the end of the year', () => {
    expect(tables('2026-11-21T12:00:00Z', 3)).toEqual(['ledger_2026_11', 'ledger_2026_12', 'ledger_2027_01']);
  });

  it('cuts months where UTC does, whatever the clocks on the wall say', () => {
    expect(tables('2026-11-30T23:59:59.999Z', 1)).toEqual(['ledger_2026_11']);
    expect(tables('2026-12-01T00:30:00+01:00', 1)).toEqual(['ledger_2026_11']);
    expect(tables('2026-12-01T00:00:00Z', 1)).toEqual(['ledger_2026_12']);
  });

  it('skips none from a day that the next months do not have', () => {
    expect(tables('2027-01-31T12:00:00Z', 2)).toEqual(['ledger_2027_01', 'ledger_2027_02']);
  });

  it('ends each where the next begins', () => {
    const [february, march] = monthsFrom(Date.parse('2028-02-10T00:00:00Z'), 2);

    expect(february).toMatchObject({ since: new Date('2028-02-01T00:00:00Z'), until: new Date('2028-03-01T00:00:00Z') });
    expect(march!.since).toEqual(february!.until);
  });
});
