import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { calendarSpan, type CalendarUnit } from './calendar.js';

describe('calendarSpan', () => {
  it.each<[string, CalendarUnit, string, string, readonly [string, string]]>([
    ['a day of UTC', 'day', 'UTC', '2026-11-21T23:59:59.999Z', ['2026-11-21T00:00:00Z', '2026-11-22T00:00:00Z']],
    ['the first moment of a day', 'day', 'UTC', '2026-11-22T00:00:00.000Z', ['2026-11-22T00:00:00Z', '2026-11-23T00:00:00Z']],
    ['a week, from Monday', 'week', 'UTC', '2026-11-22T12:00:00Z', ['2026-11-16T00:00:00Z', '2026-11-23T00:00:00Z']],
    ['a Monday', 'week', 'UTC', '2026-11-23T00:00:00Z', ['2026-11-23T00:00:00Z', '2026-11-30T00:00:00Z']],
    ['a week over the turn of the year', 'week', 'UTC', '2027-01-01T12:00:00Z', ['2026-12-28T00:00:00Z', '2027-01-04T00:00:00Z']],
    ['a December', 'month', 'UTC', '2026-12-31T12:00:00Z', ['2026-12-01T00:00:00Z', '2027-01-01T00:00:00Z']],
    ['a February of a leap year', 'month', 'UTC', '2028-02-29T12:00:00Z', ['2028-02-01T00:00:00Z', '2028-03-01T00:00:00Z']],
    ['a day of 23 hours', 'day', 'Europe/Berlin', '2026-03-29T12:00:00Z', ['2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z']],
    ['a day of 25 hours', 'day', 'Europe/Berlin', '2026-10-25T12:00:00Z', ['2026-10-24T22:00:00Z', '2026-10-25T23:00:00Z']],
    ['a month with both kinds of time', 'month', 'Europe/Berlin', '2026-10-31T12:00:00Z', ['2026-09-30T22:00:00Z', '2026-10-31T23:00:00Z']],
    [
      'a day where quarters of hours count',
      'day',
      'Asia/Kathmandu',
      '2026-11-21T18:14:59Z',
      ['2026-11-20T18:15:00Z', '2026-11-21T18:15:00Z'],
    ],
    ['the same, a second later', 'day', 'Asia/Kathmandu', '2026-11-21T18:15:00Z', ['2026-11-21T18:15:00Z', '2026-11-22T18:15:00Z']],
    ['a day without a midnight', 'day', 'America/Sao_Paulo', '2018-11-04T12:00:00Z', ['2018-11-04T03:00:00Z', '2018-11-05T02:00:00Z']],
    ['the day before it', 'day', 'America/Sao_Paulo', '2018-11-04T02:59:59Z', ['2018-11-03T03:00:00Z', '2018-11-04T03:00:00Z']],
    [
      'a day whose last hour comes twice',
      'day',
      'America/Sao_Paulo',
      '2018-02-18T02:30:00Z',
      ['2018-02-17T02:00:00Z', '2018-02-18T03:00:00Z'],
    ],
    ['a day that begins at one', 'day', 'Africa/Cairo', '2026-04-24T12:00:00Z', ['2026-04-23T22:00:00Z', '2026-04-24T21:00:00Z']],
    ['a day after one that was left out', 'day', 'Pacific/Apia', '2011-12-30T10:00:00Z', ['2011-12-30T10:00:00Z', '2011-12-31T10:00:00Z']],
    [
      'a day with two midnights, from the first',
      'day',
      'America/Havana',
      '2026-11-01T04:30:00Z',
      ['2026-11-01T04:00:00Z', '2026-11-02T05:00:00Z'],
    ],
    ['the same, after the second', 'day', 'America/Havana', '2026-11-01T05:30:00Z', ['2026-11-01T04:00:00Z', '2026-11-02T05:00:00Z']],
    [
      'a date that was over when clocks were put back into it',
      'day',
      'America/St_Johns',
      '2009-11-01T02:45:00Z',
      ['2009-11-01T02:30:00Z', '2009-11-02T03:30:00Z'],
    ],
  ])('knows %s', (_name, unit, timeZone, now, span) => {
    const { startsAt, endsAt } = calendarSpan(unit, timeZone, Date.parse(now));

    expect([startsAt, endsAt]).toEqual(span.map((text) => Date.parse(text)));
  });

  it('covers all of time with spans that touch and do not overlap', () => {
    const zones = [
      'UTC',
      'America/Havana',
      'America/Sao_Paulo',
      'Asia/Beirut',
      'Africa/Cairo',
      'Asia/Kathmandu',
      'America/St_Johns',
      'Atlantic/Azores',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom<CalendarUnit>('day', 'week', 'month'),
        fc.constantFrom(...zones),
        fc.integer({ min: Date.parse('1990-01-01'), max: Date.parse('2036-01-01') }),
        (unit, timeZone, now) => {
          const span = calendarSpan(unit, timeZone, now);
          expect(span.startsAt).toBeLessThanOrEqual(now);
          expect(span.endsAt).toBeGreaterThan(now);
          expect(calendarSpan(unit, timeZone, span.startsAt)).toEqual(span);
          expect(calendarSpan(unit, timeZone, span.endsAt - 1)).toEqual(span);
          expect(calendarSpan(unit, timeZone, span.endsAt).startsAt).toBe(span.endsAt);
        },
      ),
      { numRuns: 300 },
    );
  });
});
