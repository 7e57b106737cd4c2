import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { makeId } from '../../../src/core/ids.js';
import { KeysService } from '../../../src/keys/index.js';
import { RequestsStore } from '../../../src/usage/index.js';
import { eventually } from '../../support/eventually.js';
import { ADMIN_KEY, CLIENT_KEY, OTHER_KEY } from '../../support/gateway.js';
import { query } from '../../support/query.js';
import { RawClient, type RawAnswer } from '../../support/raw-client.js';
import { answers, refuses } from '../../support/upstream/behaviours.js';
import { completion } from '../../support/upstream/openai-answers.js';
import { MESSAGES, MODEL, Stage } from '../stage.js';
import { errorOf } from '../wire-error.js';

type Json = Readonly<Record<string, unknown>>;
interface Page {
  readonly data: readonly (Json & { readonly id: string })[];
  readonly has_more: boolean;
  readonly last_id: string | null;
}

const UNKNOWN = '019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e';
const BUDGET = '019512aa-3c5b-7f0c-8a5e-0000000000b1';
const JULY = Date.UTC(2026, 6, 10);
const PRICES = { input: '2500000', cacheRead: '1250000', cacheWrite5m: '0', cacheWrite1h: '0', output: '10000000' };
const FREE_SOUND = { audioInput: '0', audioOutput: '0', image: '0' };

/** A row past the gateway; what is left out is that of an ordinary call. Values are SQL. */
function rowAt(admittedAt: number, columns: Readonly<Record<string, string>> = {}): { readonly id: string; readonly sql: string } {
  const id = makeId(admittedAt);
  const row = {
    admitted_at: `'${new Date(admittedAt).toISOString()}'`,
    call_id: `'${id}'`,
    request_id: "'inserted'",
    key_id: "'client:client'",
    tenant: "'client:client'",
    surface: "'openai-chat'",
    streamed: 'false',
    model_asked: "'fast'",
    provider: "'openai'",
    model: "'gpt-4o'",
    status: '200',
    ending: "'complete'",
    input_tokens: '200',
    cache_read_tokens: '1000',
    cache_write_5m_tokens: '0',
    cache_write_1h_tokens: '0',
    output_tokens: '80',
    reasoning_tokens: '30',
    audio_input_tokens: '0',
    audio_output_tokens: '0',
    image_tokens: '0',
    usage_source: "'provider'",
    cost_nano_usd: '2550000',
    duration_ms: '750',
    overhead_us: '431',
    attempts: "'[]'",
    ...columns,
  };
  return { id, sql: `INSERT INTO ledger (${Object.keys(row).join(', ')}) VALUES (${Object.values(row).join(', ')});` };
}

describe('the requests of the ledger', () => {
  const stage = Stage.set({
    config: {
      prices: [
        { model: MODEL, inputPicoUsd: 2_500_000n, outputPicoUsd: 10_000_000n, cacheReadPicoUsd: 1_250_000n, cacheWritePicoUsd: undefined },
      ],
    },
  });
  let viewer = '';

  beforeAll(async () => {
    viewer = (await stage.gateway.app.get(KeysService, { strict: false }).create({ name: 'watcher', role: 'viewer' })).key;
  });

  const ask = (path: string, key = ADMIN_KEY, headers: Record<string, string> = {}): Promise<RawAnswer> =>
    stage.raw({ path, headers: { authorization: `Bearer ${key}`, ...headers } });

  async function read<Body = Json>(path: string, key?: string): Promise<Body> {
    const answer = await ask(path, key);
    expect([answer.status, answer.body.toString()]).toEqual([200, answer.body.toString()]);
    return JSON.parse(answer.body.toString()) as Body;
  }

  const insert = async (...rows: readonly ReturnType<typeof rowAt>[]): Promise<readonly string[]> => {
    await query(stage.gateway.databaseUrl, rows.map(({ sql }) => sql).join('\n'));
    return rows.map(({ id }) => id);
  };

  async function called(key: string, label: string, body: object = {}): Promise<string> {
    await stage.call({ model: MODEL, messages: MESSAGES, ...body }, { authorization: `Bearer ${key}`, 'x-request-id': label });
    return (await stage.gateway.ledger.row(label)).call_id;
  }

  describe('of a real call', () => {
    it('are listed for its key, and explained by id and by label', async () => {
      stage.upstream.next(refuses(503), answers(completion()));
      const label = stage.requestId();
      const id = await called(CLIENT_KEY, label, { user: 'alice' });

      // The prices are written beside the row, perhaps after it.
      await eventually(async () => (await read<{ charge: Json }>(`/v1/requests/${id}`)).charge['prices_kept'] === true);
      const byId = await read(`/v1/requests/${id}`, CLIENT_KEY);
      const { data } = await read<Page>(`/v1/requests?request_id=${label}`, CLIENT_KEY);

      expect(byId).toMatchObject({
        id,
        request_id: label,
        user_id: 'alice',
        key_id: 'client:client',
        tokens: { input: 200, cache_read: 1_000, output: 80, reasoning: 30, total: 1_280 },
        cost_nano_usd: '2550000',
        cost_usd: 0.00255,
        failed_cost_nano_usd: '0',
        provider_cost_nano_usd: null,
        ending: 'complete',
        ending_meaning: 'The whole answer went to the client.',
        usage_source: 'provider',
        usage_source_meaning: 'The provider reported these tokens.',
        charge: {
          basis: 'prices',
          matches: true,
          sum_usd: '0.00255',
          recomputed_nano_usd: '2550000',
          buckets: [{ bucket: 'input' }, { bucket: 'cache_read' }, { bucket: 'output' }],
        },
        attempt_count: 2,
        attempts: [
          { provider: 'scripted', model: MODEL, outcome: 'upstream_unavailable', reason: expect.any(String), tokens: null },
          { provider: 'scripted', model: MODEL, outcome: 'answered', reason: null, duration_ms: expect.any(Number) },
        ],
        budgets: [],
        other_ids: [],
      });
      expect(data).toHaveLength(1);
      expect(byId).toMatchObject({ ...data[0] });
      expect(await read(`/v1/requests/${label}`, CLIENT_KEY)).toEqual(byId);
      expect(await read(`/api/v1/requests/${id}`, viewer)).toEqual(byId);
    });

    it('are nowhere to be found for another key', async () => {
      stage.upstream.always(answers(completion()));
      const label = stage.requestId();
      const id = await called(CLIENT_KEY, label);

      for (const name of [id, label]) {
        const [foreign, unknown] = await Promise.all([ask(`/v1/requests/${name}`, OTHER_KEY), ask(`/v1/requests/${UNKNOWN}`, OTHER_KEY)]);
        expect([foreign.status, unknown.status]).toEqual([404, 404]);
        expect(errorOf(foreign).message).toBe(errorOf(unknown).message.replace(UNKNOWN, name));
      }
      expect((await read<Page>(`/v1/requests?request_id=${label}`, OTHER_KEY)).data).toEqual([]);
      for (const question of ['key=client:client', 'team=client:client', 'key=client:other'])
        expect((await ask(`/v1/requests?${question}`, OTHER_KEY)).status).toBe(403);
    });

    it('that share a label are told apart: the newest is explained, the others are named', async () => {
      stage.upstream.always(answers(completion()));
      const label = stage.requestId();
      await called(OTHER_KEY, label);
      const [oldest, middle, newest] = await insert(...[1, 2, 3].map((at) => rowAt(Date.now() + at * 1_000, { request_id: `'${label}'` })));

      expect(await read(`/v1/requests/${label}`, CLIENT_KEY)).toMatchObject({ id: newest, other_ids: [middle, oldest] });
      expect((await read<{ other_ids: string[] }>(`/v1/requests/${label}`)).other_ids).toHaveLength(3);
      expect(await read(`/v1/requests/${middle}`, CLIENT_KEY)).toMatchObject({ id: middle, other_ids: [] });
      expect((await read<Page>(`/v1/requests?request_id=${label}&to=2099-01-01&from=2026-01-01`)).data).toHaveLength(4);
    });

    it('may have an id for a label', async () => {
      const label = makeId(Date.now() - 1_000);
      const [id] = await insert(rowAt(Date.now(), { request_id: `'${label}'` }));

      expect(await read(`/v1/requests/${label}`, CLIENT_KEY)).toMatchObject({ id });
    });
  });

  describe('explained', () => {
    beforeAll(async () => {
      const base = JSON.stringify({ ...PRICES, ...FREE_SOUND, factors: { priority: { numerator: '5', denominator: '2' } } });
      const tiers = JSON.stringify([{ above_input_tokens: 1_000, rates: { ...PRICES, ...FREE_SOUND, input: '5000001' } }]);
      await query(
        stage.gateway.databaseUrl,
        `INSERT INTO charged_prices VALUES ('kept', 'yaml', '${base}', '${tiers}', now());
         INSERT INTO budgets (id, name, scope, limit_nano_usd, period, counts_from, created_at, changed_at)
         VALUES ('${BUDGET}', 'the bill', 'everything', 0, 'month', now(), now(), now())`,
      );
    });

    const kept = { price_id: "'kept'", price_version: "'yaml'" };
    const explained = async (columns: Readonly<Record<string, string>>): Promise<Json> => {
      const [id] = await insert(rowAt(JULY, columns));
      return read(`/v1/requests/${id}`);
    };

    it('has each bucket times its price, the sum, and how it was rounded', async () => {
      expect((await explained({ ...kept, tier_above: '1000', input_tokens: '201', cost_nano_usd: '3055000' }))['charge']).toEqual({
        basis: 'prices',
        basis_meaning: 'Tokens times prices, rounded once.',
        price_id: 'kept',
        prices_kept: true,
        tier_above_input_tokens: 1_000,
        service_tier_factor: null,
        buckets: [
          {
            bucket: 'input',
            tokens: 201,
            pico_usd_per_token: '5000001',
            usd_per_million_tokens: '5.000001',
            amount_pico_usd: '1005000201',
            amount_usd: '0.001005000201',
          },
          {
            bucket: 'cache_read',
            tokens: 1_000,
            pico_usd_per_token: '1250000',
            usd_per_million_tokens: '1.25',
            amount_pico_usd: '1250000000',
            amount_usd: '0.00125',
          },
          {
            bucket: 'output',
            tokens: 80,
            pico_usd_per_token: '10000000',
            usd_per_million_tokens: '10',
            amount_pico_usd: '800000000',
            amount_usd: '0.0008',
          },
        ],
        sum_pico_usd: '3055000201',
        sum_usd: '0.003055000201',
        recomputed_nano_usd: '3055000',
        matches: true,
        difference_nano_usd: '0',
      });
    });

    it('has the factor of its service tier', async () => {
      expect(await explained({ ...kept, service_tier: "'priority'", cost_nano_usd: '6375000' })).toMatchObject({
        service_tier: 'priority',
        charge: { basis: 'prices', service_tier_factor: '5/2', sum_pico_usd: '2550000000', recomputed_nano_usd: '6375000', matches: true },
      });
    });

    it('says so where the stored cost is another', async () => {
      expect(await explained({ ...kept, cost_nano_usd: '2550001' })).toMatchObject({
        cost_nano_usd: '2550001',
        charge: { basis: 'unexplained', recomputed_nano_usd: '2550000', matches: false, difference_nano_usd: '1' },
      });
    });

    it.each([
      ['older than prices are kept', { price_version: "'yaml'" }],
      ['with prices that are gone', { ...kept, price_id: "'gone'" }],
      ['with a tier that is gone', { ...kept, tier_above: '7' }],
    ])('says that the prices were not kept of a row %s', async (_what, columns) => {
      expect(await explained(columns)).toMatchObject({
        cost_nano_usd: '2550000',
        charge: { basis: 'prices_not_kept', prices_kept: false, buckets: [], sum_usd: null, matches: null, difference_nano_usd: null },
      });
    });

    it('has the provider’s own figure, failed attempts, budgets, tags and what each attempt used', async () => {
      const failed = { provider: 'azure', model: 'gpt-4o', started_ms: 1, duration_ms: 40, outcome: 'upstream_protocol', reason: 'cut' };
      const used = {
        usage: { input: 20, cache_write_5m: 3, output: 7 },
        cost_nano_usd: '9007199254740993',
        price_id: 'kept',
        service_tier: 'flex',
      };
      const whole = await explained({
        ...kept,
        provider_cost_nano_usd: '2600000',
        failed_cost_nano_usd: '9007199254740993',
        attempts: `'${JSON.stringify([{ ...failed, ...used }, failed])}'`,
        budgets: `'{${BUDGET}@1782864000000,${UNKNOWN}@0}'`,
        tags: '\'{"app":"search"}\'',
      });

      expect(whole).toMatchObject({
        provider_cost_nano_usd: '2600000',
        provider_cost_usd: 0.0026,
        failed_cost_nano_usd: '9007199254740993',
        tags: { app: 'search' },
        budgets: [
          { id: BUDGET, name: 'the bill', since: '2026-07-01T00:00:00.000Z' },
          { id: UNKNOWN, name: null, since: '1970-01-01T00:00:00.000Z' },
        ],
      });
      expect(whole['attempts']).toEqual([
        { ...failed, ...used, usage: undefined, tokens: expect.objectContaining({ input: 20, cache_write_5m: 3, output: 7, total: 30 }) },
        { ...failed, tokens: null, service_tier: null, price_id: null, cost_nano_usd: null },
      ]);
    });
  });

  describe('searched', () => {
    const MAY = Date.UTC(2026, 4, 5);
    const EVERY = 'from=2026-05-01&to=2026-05-31';
    let ids: readonly string[] = [];

    beforeAll(async () => {
      ids = await insert(
        rowAt(MAY, { user_id: "'ann'", tags: '\'{"app":"search","env":"live"}\'' }),
        rowAt(MAY + 1, {
          user_id: "'bob'",
          key_id: "'client:other'",
          tenant: "'team-1'",
          status: '429',
          error_kind: "'upstream_rate_limited'",
        }),
        rowAt(MAY + 1, { provider: "'azure'", model: "'gpt-4o-2026'", ending: "'failed'", status: '503' }),
        rowAt(MAY + 86_400_000, { model_asked: "'gpt-4o-2026'", tenant: "'team-1'", user_id: "'ann'", tags: '\'{"app":"chat"}\'' }),
      );
    });

    it.each([
      ['', [3, 2, 1, 0]],
      ['key=client:other', [1]],
      ['team=team-1', [3, 1]],
      ['team=team-1&user=ann', [3]],
      ['user=ann', [3, 0]],
      ['model=gpt-4o-2026', [3, 2]],
      ['provider=azure', [2]],
      ['status=429', [1]],
      ['ending=failed', [2]],
      ['error_kind=upstream_rate_limited', [1]],
      ['tag=app=search', [0]],
      ['tag=app=searc', []],
      ['user=nobody', []],
    ])('by %s', async (question, expected) => {
      const { data } = await read<Page>(`/v1/admin/requests?${EVERY}&${question}`);

      const found = data.map(({ id }) => ids.indexOf(id));
      expect(found.toSorted((one, other) => one - other)).toEqual([...expected].toReversed());
      const times = data.map(({ admitted_at: at }) => Date.parse(String(at)));
      expect(times).toEqual(times.toSorted((one, other) => other - one));
    });

    it('by time, to the millisecond', async () => {
      const found = async (span: string): Promise<number> => (await read<Page>(`/admin/requests?${span}`, viewer)).data.length;

      expect(await found('from=2026-05-05&to=2026-05-05')).toBe(3);
      expect(await found('from=2026-05-05T00:00:00.001Z&to=2026-05-05')).toBe(2);
      expect(await found('from=2026-05-05&to=2026-05-05T00:00:00.001Z')).toBe(1);
      expect(await found('to=2026-05-06')).toBe(4);
      expect(await found('to=2026-06-04')).toBe(1);
      expect(await found('to=2026-06-05')).toBe(0);
    });

    it.each(['/v1/requests', '/v1/admin/requests'])('in pages that leave nothing out, also of one millisecond: %s', async (path) => {
      const found: string[] = [];
      for (let after = ''; ;) {
        const page = await read<Page>(`${path}?${EVERY}&limit=1${after}`, viewer);
        found.push(...page.data.map(({ id }) => id));
        expect(page.last_id).toBe(found.at(-1));
        if (!page.has_more) break;
        after = `&after=${page.last_id}`;
      }

      expect(found).toHaveLength(4);
      expect([...found].sort()).toEqual([...ids].sort());
      expect((await read<Page>(`${path}?${EVERY}&after=${found.at(-1)}`)).data).toEqual([]);
    });

    it('for a client among its own', async () => {
      expect((await read<Page>(`/v1/requests?${EVERY}`, OTHER_KEY)).data.map(({ id }) => id)).toEqual([ids[1]]);
      expect((await read<Page>(`/v1/requests?${EVERY}&user=ann`, OTHER_KEY)).data).toEqual([]);
    });

    it.each([
      ['limit=0', 'limit'],
      ['limit=201', 'limit'],
      ['after=some', 'after'],
      [`after=f47ac10b-58cc-4372-a567-0e02b2c3d479`, 'after'],
      ['from=yesterday', 'from'],
      ['from=2026-05-02&to=2026-05-01', 'from'],
      ['status=ok', 'status'],
      ['ending=well', 'ending'],
      ['error_kind=No', 'error_kind'],
      ['tag=app', 'tag'],
      ['user=', 'user'],
      ['user=%00', 'user'],
      ['format=xml', 'format'],
      ['offset=5', 'offset'],
    ])('is refused by name: %s', async (question, param) => {
      const refusal = await ask(`/v1/admin/requests?${question}`);

      expect([refusal.status, errorOf(refusal).param]).toEqual([400, param]);
    });

    it('is given up where it reads for too long, with what to do', async () => {
      const { databaseUrl } = stage.gateway;
      await query(databaseUrl, 'ALTER TABLE ledger RENAME TO ledger_kept');
      try {
        await query(databaseUrl, 'CREATE VIEW ledger AS SELECT ledger_kept.* FROM ledger_kept, (SELECT pg_sleep(30) OFFSET 0) AS slow');
        const startedAt = performance.now();

        const refusal = await ask(`/v1/admin/requests?${EVERY}`);

        expect([refusal.status, errorOf(refusal).param]).toEqual([400, 'from']);
        expect(errorOf(refusal).message).toContain('Narrow it');
        expect(performance.now() - startedAt).toBeLessThan(8_000);
        const [left] = await query<{ count: string }>(
          databaseUrl,
          "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND query LIKE '%ledger%' AND pid <> pg_backend_pid()",
        );
        expect(Number(left!.count)).toBe(0);
      } finally {
        await query(databaseUrl, 'DROP VIEW IF EXISTS ledger; ALTER TABLE ledger_kept RENAME TO ledger');
      }
    });
  });

  describe('as CSV', () => {
    const MARCH = 'from=2026-03-01&to=2026-03-31';
    const COUNT = 1_001;

    beforeAll(async () => {
      const at = Date.UTC(2026, 2, 1);
      // Two in each millisecond, so that chunks end between rows of one.
      const rows = Array.from({ length: COUNT }, (_, index) => rowAt(at + Math.floor(index / 2), { request_id: `'csv-${index}'` }));
      await insert(...rows, rowAt(Date.UTC(2026, 3, 1), { user_id: `'=HYPERLINK("http://evil","x"),'`, tags: '\'{"app":"a,b"}\'' }));
    });

    it('are all of them, each once, newest first', async () => {
      const answer = await ask(`/v1/admin/requests?${MARCH}&format=csv`);

      expect(answer.headers).toMatchObject({
        'content-type': 'text/csv; charset=utf-8',
        'content-disposition': 'attachment; filename="requests.csv"',
      });
      expect([answer.status, answer.whole]).toEqual([200, true]);
      const [head, ...lines] = answer.body.toString().split('\r\n');
      expect(head).toMatch(/^id,request_id,admitted_at,key_id,tenant,user_id,/);
      expect(lines.pop()).toBe('');
      const labels = lines.map((line) => Number(/,csv-(\d+),/.exec(line)?.[1]));
      expect(new Set(labels).size).toBe(COUNT);
      expect(lines).toHaveLength(COUNT);
      const times = lines.map((line) => line.split(',')[2]!);
      expect(times).toEqual([...times].sort().reverse());
    });

    it('hold what comes from outside as text', async () => {
      const answer = await ask('/v1/requests?from=2026-04-01&to=2026-04-01', CLIENT_KEY, { accept: 'text/csv' });

      const [, line] = answer.body.toString().split('\r\n');
      expect(line).toContain(`,client:client,"'=HYPERLINK(""http://evil"",""x""),",openai-chat,`);
      expect(line).toMatch(/,"\{""app"":\s*""a,b""\}"$/);
    });

    it('are as many as were asked for', async () => {
      const lines = async (question: string): Promise<number> =>
        (await ask(`/v1/admin/requests?${MARCH}&format=csv&${question}`)).body.toString().split('\r\n').length - 2;

      expect(await lines('limit=3')).toBe(3);
      expect(await lines('user=nobody')).toBe(0);
      expect(await lines('request_id=csv-7')).toBe(1);
    });

    it('are refused before they begin', async () => {
      const refusal = await ask('/v1/admin/requests?format=csv&from=2026-05-02&to=2026-05-01', ADMIN_KEY, { accept: 'text/csv' });

      expect([refusal.status, errorOf(refusal).param]).toEqual([400, 'from']);
      expect((await ask(`/v1/requests?format=csv&key=client:client`, CLIENT_KEY)).status).toBe(403);
    });

    it('are not read where only the head is wanted', async () => {
      const search = jest.spyOn(stage.gateway.app.get(RequestsStore, { strict: false }), 'search');
      const headers = { authorization: `Bearer ${ADMIN_KEY}` };

      const answer = await stage.raw({ method: 'HEAD', path: `/v1/admin/requests?${MARCH}&format=csv`, headers });
      await stage.raw({ path: '/health' });

      expect([answer.status, answer.body.length]).toEqual([200, 0]);
      expect(search.mock.calls.length).toBeLessThan(4);
      search.mockRestore();
    });

    it('are read no further than somebody takes them', async () => {
      const many =
        "admitted_at + make_interval(secs => n * 10), (lpad(to_hex((extract(epoch FROM admitted_at) * 1000)::bigint + n * 10000), 12, '0') || substr(replace(call_id::text, '-', ''), 13))::uuid";
      const [columns] = await query<{ names: string }>(
        stage.gateway.databaseUrl,
        "SELECT string_agg(column_name, ', ' ORDER BY ordinal_position) AS names FROM information_schema.columns WHERE table_name = 'ledger' AND column_name NOT IN ('admitted_at', 'call_id')",
      );
      await query(
        stage.gateway.databaseUrl,
        `INSERT INTO ledger (admitted_at, call_id, ${columns!.names}) SELECT ${many}, ${columns!.names}
         FROM ledger, generate_series(1, 60) AS n WHERE admitted_at < '2026-03-02' AND admitted_at >= '2026-03-01'`,
      );
      const search = jest.spyOn(stage.gateway.app.get(RequestsStore, { strict: false }), 'search');

      const client = await RawClient.send(stage.gateway.baseUrl, {
        path: `/v1/admin/requests?${MARCH}&format=csv`,
        headers: { authorization: `Bearer ${ADMIN_KEY}` },
      });
      await client.until((body) => body.length > 10_000);
      client.hangUp();

      await eventually(() => stage.gateway.logs.text.includes('"path":"/v1/admin/requests","status":499'));
      const chunks = search.mock.calls.length;
      search.mockRestore();
      // All of it would be three hundred.
      expect([chunks > 0, chunks < 150]).toEqual([true, true]);
    });
  });
});
