import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { makeId } from '../../src/core/ids.js';
import { toFilter } from '../../src/usage/requests/request-filter.js';
import type { RequestsQueryDto } from '../../src/usage/requests/requests-query.dto.js';
import { callStatement, labelStatement, searchStatement, type Statement } from '../../src/usage/requests/requests.sql.js';
import { createDatabase, type TestDatabase } from '../support/database.js';

interface Plan {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Plan[];
}

const MONTHS = ['2026-06-01', '2026-07-01', '2026-08-01', '2026-09-01'];
const FIRST = Date.parse(MONTHS[0]!);
const NOW = Date.parse('2026-08-31T00:00:00Z');
const ROWS = 60_000;
const APART_MS = Math.floor((NOW - FIRST) / ROWS);
const VIEWER = { role: 'viewer', keyId: 'watcher' } as const;

/** One call in so many is of this key, this user, this label. */
const FILL = `
  INSERT INTO ledger (admitted_at, call_id, request_id, key_id, tenant, user_id, surface, streamed, model_asked, provider, model, status, ending,
    input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, output_tokens, reasoning_tokens,
    audio_input_tokens, audio_output_tokens, image_tokens, usage_source, cost_nano_usd, duration_ms, overhead_us, attempts)
  SELECT to_timestamp(ms / 1000.0), (lpad(to_hex(ms), 12, '0') || '7000' || '8000' || lpad(to_hex(n), 12, '0'))::uuid, 'label-' || n % 20000,
    'key-' || n % 100, 'team-' || n % 10, 'user-' || n % 1000, 'openai-chat', false, 'm', 'p', 'm', 200, 'complete',
    1, 0, 0, 0, 1, 0, 0, 0, 0, 'provider', 1, 1, 1, '[]'
  FROM (SELECT n, ${FIRST}::bigint + n * ${APART_MS}::bigint AS ms FROM generate_series(0, ${ROWS - 1}) AS n) AS calls`;

describe('a question to the ledger', () => {
  let server: TestDatabase;
  let client: pg.Client;

  beforeAll(async () => {
    server = await createDatabase();
    client = new pg.Client({ connectionString: server.url });
    await client.connect();
    for (const [at, month] of MONTHS.slice(0, -1).entries()) {
      const name = `ledger_${month.slice(0, 7).replace('-', '_')}`;
      await client.query(
        `CREATE TABLE ${name} PARTITION OF ledger FOR VALUES FROM ('${month}T00:00:00Z') TO ('${MONTHS[at + 1]}T00:00:00Z')`,
      );
    }
    await client.query(FILL);
    await client.query('VACUUM ANALYZE ledger');
  });

  afterAll(async () => {
    await client.end();
    await server.drop();
  });

  /** The places that were read, and how many rows were looked at there. */
  async function readingOf({ text, values }: Statement): Promise<{ readonly places: readonly string[]; readonly rows: number }> {
    const { rows } = await client.query<{ 'QUERY PLAN': readonly [{ readonly Plan: Plan }] }>(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, [
      ...values,
    ]);
    const scans = scansOf(rows[0]!['QUERY PLAN'][0].Plan).filter((scan) => scan['Actual Loops'] > 0);
    const looked = scans.map((scan) => (scan['Actual Rows'] + (scan['Rows Removed by Filter'] ?? 0)) * scan['Actual Loops']);
    // There is nothing in it.
    const whole = scans.filter((scan) => scan['Node Type'] === 'Seq Scan').map((scan) => scan['Relation Name']);
    expect(whole.filter((relation) => relation !== 'ledger_default')).toEqual([]);
    return { places: scans.flatMap((scan) => scan['Index Name'] ?? []), rows: looked.reduce((sum, each) => sum + each, 0) };
  }

  const search = (query: RequestsQueryDto): Statement => searchStatement(toFilter(query, VIEWER, NOW), 51);

  it('about everything reads a page and no more', async () => {
    expect(await readingOf(search({}))).toEqual({ places: ['ledger_2026_08_pkey'], rows: 51 });
  });

  it('goes on where a page ended, in that month alone', async () => {
    const at = Date.parse('2026-07-15T12:00:00Z');
    const { places, rows } = await readingOf(search({ from: '2026-06-01', after: makeId(at) }));

    expect(places).toEqual(['ledger_2026_07_pkey']);
    expect(rows).toBe(51);
  });

  it('about a key, or about a user of a team, reads its rows and few others', async () => {
    const ofKey = await readingOf(search({ key: 'key-7' }));
    const ofUser = await readingOf(search({ team: 'team-7', user: 'user-7', from: '2026-06-01' }));

    expect(ofKey.places).toEqual(['ledger_2026_08_key_id_admitted_at_idx']);
    expect(ofKey.rows).toBeLessThan(60);
    expect(ofUser.places).toHaveLength(3);
    for (const place of ofUser.places) expect(place).toMatch(/_tenant_user_id_admitted_at_idx$/);
    expect(ofUser.rows).toBeLessThan(200);
  });

  it('about a call reads one row of one month', async () => {
    const at = FIRST + 40_000 * APART_MS;
    const [high, low] = [at.toString(16).padStart(12, '0').slice(0, 8), at.toString(16).padStart(12, '0').slice(8)];
    const id = `${high}-${low}-7000-8000-${(40_000).toString(16).padStart(12, '0')}`;

    expect(await readingOf(callStatement(id, at, undefined))).toEqual({
      places: [expect.stringMatching(/^ledger_2026_0\d_pkey$/)],
      rows: 1,
    });
    expect(await readingOf(callStatement(id, at, 'key-1'))).toMatchObject({ places: [expect.stringMatching(/^ledger_2026_0\d_/)] });
  });

  it('about a label finds it in whatever month', async () => {
    expect((await readingOf(labelStatement('label-7', undefined, 101))).rows).toBe(3);
  });
});

function scansOf(plan: Plan): readonly Plan[] {
  const inner = (plan.Plans ?? []).flatMap(scansOf);
  return plan['Relation Name'] === undefined && plan['Index Name'] === undefined ? inner : [plan, ...inner];
}
