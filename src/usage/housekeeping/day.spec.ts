import { describe, expect, it } from '@jest/globals';
import { daysFrom } from './day.js';

describe('daysFrom', () => {
  it('begins with the day of now and goes over the end of the year', () => {
    const days = daysFrom(Date.parse('2026-12-30T23:59:59.999Z'), 3);

    expect(days.map(({ table }) => table)).toEqual(['bodies_2026_12_30', 'bodies_2026_12_31', 'bodies_2027_01_01']);
  });

  it('ends each where the next begins, at midnight of UTC', () => {
    const [today, tomorrow] = daysFrom(Date.parse('2027-03-28T00:30:00+01:00'), 2);

    expect(today).toEqual({
      parent: 'bodies',
      table: 'bodies_2027_03_27',
      since: new Date('2027-03-27T00:00:00Z'),
      until: new Date('2027-03-28T00:00:00Z'),
    });
    expect(tomorrow!.since).toEqual(today!.until);
  });
});
