import { afterAll, beforeAll, expect, it } from '@jest/globals';
import fc from 'fast-check';
import pg from 'pg';
import { calendarSpan, type CalendarUnit } from '../../src/limits/budgets/calendar.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

/** With clocks that change at midnight, before it and after it, on both halves of the Earth, by half an hour, or never. */
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'Europe/London',
  'America/New_York',
  'America/Los_Angeles',
  'America/Sao_Paulo',
  'America/Havana',
  'America/Santiago',
  'Atlantic/Azores',
  'Africa/Cairo',
  'Asia/Beirut',
  'Asia/Amman',
  'Asia/Kathmandu',
  'Asia/Kolkata',
  'Asia/Tokyo',
  'Australia/Sydney',
  'Australia/Lord_Howe',
  'Pacific/Auckland',
  'Pacific/Chatham',
  'Pacific/Kiritimati',
  'Pacific/Apia',
  'Pacific/Pago_Pago',
];
const UNITS: readonly CalendarUnit[] = ['day', 'week', 'month'];
const QUESTIONS = 20_000;
const HOUR_MS = 3_600_000;

interface Question {
  readonly unit: CalendarUnit;
  readonly zone: string;
  readonly at: number;
}

interface Answer {
  readonly starts: Date;
  readonly midnight: string;
  readonly ours: string;
}

let server: TestDatabase;
let client: pg.Client;

beforeAll(async () => {
  server = await createDatabase();
  client = new pg.Client({ connectionString: server.url });
  await client.connect();
});

afterAll(async () => {
  await client.end();
  await server.drop();
});

/** Where a midnight comes twice, Postgres takes the second and we the first: then clocks show the same at both. */
async function expectSameStarts(questions: readonly Question[]): Promise<void> {
  const asked = questions.map((question) => ({ ...question, span: calendarSpan(question.unit, question.zone, question.at) }));
  const { rows } = await client.query<Answer>(
    `SELECT starts, (starts AT TIME ZONE zone)::text AS midnight, (to_timestamp(ours / 1000.0) AT TIME ZONE zone)::text AS ours
     FROM unnest($1::text[], $2::text[], $3::bigint[], $4::bigint[]) WITH ORDINALITY AS asked(unit, zone, at, ours, place),
       LATERAL (SELECT date_trunc(unit, to_timestamp(at / 1000.0) AT TIME ZONE zone) AT TIME ZONE zone AS starts) AS truncated
     ORDER BY place`,
    [asked.map(({ unit }) => unit), asked.map(({ zone }) => zone), asked.map(({ at }) => at), asked.map(({ span }) => span.startsAt)],
  );
  const wrong = asked.filter(({ span }, at) => {
    const { starts, midnight, ours } = rows[at]!;
    const isFirstOfTwo = midnight === ours && starts.getTime() - span.startsAt === HOUR_MS;
    return starts.getTime() !== span.startsAt && !isFirstOfTwo;
  });
  expect(wrong).toEqual([]);
}

it('begins days, weeks and months when Postgres does, at any time in any zone', async () => {
  const question = fc.record({
    unit: fc.constantFrom(...UNITS),
    zone: fc.constantFrom(...ZONES),
    at: fc.integer({ min: Date.parse('1995-01-01'), max: Date.parse('2024-01-01') }),
  });

  await expectSameStarts(fc.sample(question, QUESTIONS));
});

it('does so in each hour of years in which clocks changed around midnight', async () => {
  const years: readonly (readonly [string, number])[] = [
    ['America/Sao_Paulo', 2018],
    ['America/Havana', 2019],
    ['Atlantic/Azores', 2021],
    ['Asia/Beirut', 2022],
    ['Asia/Amman', 2012],
    ['Africa/Cairo', 2014],
    ['America/Santiago', 2020],
    ['Pacific/Apia', 2011],
  ];
  for (const [zone, year] of years) {
    const first = Date.UTC(year, 0, 1);
    const hours = Array.from({ length: 366 * 24 * 2 }, (_, half) => first + (half * HOUR_MS) / 2 + 1);
    await expectSameStarts(hours.map((at) => ({ unit: 'day', zone, at })));
  }
});
