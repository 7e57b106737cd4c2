import { beforeAll, describe, expect, it } from '@jest/globals';
import { KeysService } from '../../../src/keys/index.js';
import { ADMIN_KEY, CLIENT_KEY, OTHER_KEY } from '../../support/gateway.js';
import type { RawAnswer } from '../../support/raw-client.js';
import { answers, refuses } from '../../support/upstream/behaviours.js';
import { completion } from '../../support/upstream/openai-answers.js';
import { fillUsageCells } from '../../support/usage-cells.js';
import { MESSAGES, MODEL, Stage } from '../stage.js';
import { errorOf } from '../wire-error.js';

type Json = Readonly<Record<string, unknown>>;
interface ReportBody extends Json {
  readonly requests: number;
  readonly cost_usd: number;
  readonly rows: readonly (Json & { readonly requests: number; readonly cost_usd: number })[];
}

/** The scripted tokens, each kind by its price. */
const COST_USD = (200 * 2_500 + 1_000 * 1_250 + 80 * 10_000) / 1e9;
const ODD = 'ü/%?#😀 '.repeat(64);

describe('reports of usage', () => {
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
    stage.upstream.next(answers(completion()), answers(completion()), answers(completion()), refuses(400));
    const calls = [
      { key: CLIENT_KEY, body: { user: 'ann' }, tags: 'app=search' },
      { key: CLIENT_KEY, body: { user: ODD }, tags: 'app=search,env=test' },
      { key: OTHER_KEY, body: { user: 'ann' }, tags: '' },
      { key: OTHER_KEY, body: {}, tags: '' },
    ];
    for (const [at, { key, body, tags }] of calls.entries()) {
      const headers = { authorization: `Bearer ${key}`, 'x-request-id': `reported-${at}`, ...(tags ? { 'x-tollgate-tags': tags } : {}) };
      await stage.call({ model: MODEL, messages: MESSAGES, ...body }, headers);
      await stage.gateway.ledger.row(`reported-${at}`);
    }
    await fillUsageCells(stage.gateway.databaseUrl);
  });

  const ask = (path: string, key: string, headers: Record<string, string> = {}): Promise<RawAnswer> =>
    stage.raw({ path, headers: { authorization: `Bearer ${key}`, ...headers } });

  async function read(path: string, key: string = viewer): Promise<ReportBody> {
    const answer = await ask(path, key);
    expect([answer.status, answer.body.toString()]).toEqual([200, answer.body.toString()]);
    return JSON.parse(answer.body.toString()) as ReportBody;
  }

  const pairs = ({ rows }: ReportBody, name: string): readonly unknown[] => rows.map((row) => [row[name], row.requests]);

  it('are of everybody, with how long calls took', async () => {
    const report = await read('/v1/admin/usage');

    expect(report).toMatchObject({ requests: 4, errors: 1, rows: [], time_zone: 'UTC' });
    expect(report.cost_usd).toBe(Math.round(3 * COST_USD * 1e9) / 1e9);
    expect(report['latency_ms']).toEqual({
      p50: expect.any(Number),
      p90: expect.any(Number),
      p95: expect.any(Number),
      p99: expect.any(Number),
    });
  });

  it.each([
    [
      'key',
      'key',
      [
        ['client:client', 2],
        ['client:other', 2],
      ],
    ],
    [
      'team',
      'team',
      [
        ['client:client', 2],
        ['client:other', 2],
      ],
    ],
    ['model', 'model', [[MODEL, 4]]],
    ['provider', 'provider', [['scripted', 4]]],
    [
      'tag',
      'tag',
      [
        ['app=search', 2],
        ['env=test', 1],
      ],
    ],
    ['template', 'template', [[null, 4]]],
    [
      'outcome',
      'outcome',
      [
        ['complete', 3],
        ['upstream_rejected', 1],
      ],
    ],
  ])('are grouped by %s', async (grouping, name, expected) => {
    const found = pairs(await read(`/v1/admin/usage?group_by=${grouping}`), name);

    expect(found.map((pair) => (grouping === 'outcome' ? (pair as unknown[])[1] : pair))).toEqual(
      grouping === 'outcome' ? expected.map(([, requests]) => requests) : expected,
    );
  });

  it('tell the dearest groups apart, and have the rest in one row', async () => {
    const from = new Date(Date.now() - 3_600_000).toISOString();
    const { requests, cost_usd, rows } = await read(`/v1/admin/usage?group_by=user&limit=1&from=${from}`);

    expect(rows).toHaveLength(2);
    expect(rows[0]).toMatchObject({ user: 'ann', requests: 2 });
    expect(rows[1]).toMatchObject({ other: true, requests: 2 });
    expect(rows.reduce((sum, row) => sum + row.requests, 0)).toBe(requests);
    expect(Math.round(rows.reduce((sum, row) => sum + row.cost_usd, 0) * 1e9)).toBe(Math.round(cost_usd * 1e9));
  });

  it('are of one key, or of one end user', async () => {
    expect(pairs(await read('/v1/admin/usage?key_id=client:client&group_by=tag'), 'tag')).toEqual([
      ['app=search', 2],
      ['env=test', 1],
    ]);
    expect(await read('/v1/admin/usage?user_id=ann&group_by=model')).toMatchObject({
      requests: 2,
      latency_ms: null,
      rows: [{ model: MODEL }],
    });
  });

  it('come as CSV', async () => {
    const byName = await ask('/v1/admin/usage?group_by=key&interval=day&format=csv', viewer);
    const byHeader = await ask('/v1/admin/usage?group_by=key&interval=day', viewer, { accept: 'text/csv' });
    const lines = byName.body.toString().trimEnd().split('\r\n');

    expect(byName.headers).toMatchObject({
      'content-type': 'text/csv; charset=utf-8',
      'content-disposition': 'attachment; filename="usage.csv"',
    });
    expect(lines[0]).toMatch(/^start,key,key_name,other,requests,errors,unpriced_requests,input_tokens,.*,cost_nano_usd,cost_usd,/);
    expect(lines).toHaveLength(3);
    expect(lines[1]).toContain(`,${2 * COST_USD * 1e9},${2 * COST_USD},`);
    expect(byHeader.body.toString()).toBe(byName.body.toString());
  });

  describe('of an end user', () => {
    const ofUser = (userId: string, key: string): Promise<ReportBody> => read(`/v1/usage/${encodeURIComponent(userId)}`, key);

    it('are within the own tenant for a client, and everywhere for others', async () => {
      expect(await ofUser('ann', CLIENT_KEY)).toMatchObject({
        user_id: 'ann',
        requests: 1,
        models: [{ model: MODEL, requests: 1 }],
        tenants: [],
      });
      expect(await ofUser('ann', ADMIN_KEY)).toMatchObject({
        requests: 2,
        models: [{ model: MODEL, requests: 2 }],
        tenants: [
          { tenant: 'client:client', tenant_name: null, requests: 1 },
          { tenant: 'client:other', requests: 1 },
        ],
      });
    });

    it('may have any name of 512 characters', async () => {
      expect(ODD).toHaveLength(512);
      expect(await ofUser(ODD, CLIENT_KEY)).toMatchObject({ user_id: ODD, requests: 1 });
    });

    it('are zeros for one who is not known, whoever else knows him', async () => {
      const figures = ({ user_id: _user, to: _to, ...rest }: Json): Json => rest;

      expect(figures(await ofUser(ODD, OTHER_KEY))).toEqual(figures(await ofUser('nobody', OTHER_KEY)));
    });
  });

  it.each([
    ['/v1/admin/usage?key_id=a&user_id=b', 'user_id'],
    ['/v1/admin/usage?key_id=a&group_by=team', 'group_by'],
    ['/v1/admin/usage?user_id=a&group_by=tag', 'group_by'],
    ['/v1/admin/usage?group_by=user', 'from'],
    ['/v1/admin/usage?interval=hour&from=2026-01-01', 'interval'],
    ['/v1/admin/usage?interval=day&from=1999-01-01', 'interval'],
    ['/v1/admin/usage?limit=0', 'limit'],
    ['/v1/admin/usage?format=xml', 'format'],
    ['/v1/usage/stats?group_by=team', 'group_by'],
    ['/v1/usage/stats?interval=day&group_by=model&time_zone=Asia/Tokyo&from=2026-01-01', 'interval'],
    ['/v1/usage/ann?interval=day', 'interval'],
    ['/v1/usage/%00', 'user_id'],
    [`/v1/usage/${'u'.repeat(513)}`, 'user_id'],
  ])('are refused by name: %s', async (path, param) => {
    const answer = await ask(path, ADMIN_KEY);

    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ param });
  });
});
