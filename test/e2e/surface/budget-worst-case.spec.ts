import { afterEach, describe, expect, it } from '@jest/globals';
import { RefusalCounts } from '../../../src/limits/index.js';
import { ADMIN_KEY } from '../../support/gateway.js';
import { eventually } from '../../support/eventually.js';
import { query } from '../../support/query.js';
import type { RawAnswer } from '../../support/raw-client.js';
import { answers, cuts, hangs, streams } from '../../support/upstream/behaviours.js';
import { completion } from '../../support/upstream/openai-answers.js';
import { chunk, frame } from '../../support/upstream/openai-frames.js';
import { MESSAGES, MODEL, Stage } from '../stage.js';
import { errorOf } from '../wire-error.js';

/** US$1 for a million tokens of a prompt, US$1,000 for a million of an answer: what an answer may cost is what matters. */
const PRICE = { inputPicoUsd: 1_000_000n, outputPicoUsd: 1_000_000_000n, cacheReadPicoUsd: undefined, cacheWritePicoUsd: undefined };
const UNPRICED = 'nobody-knows-what-it-costs';
const USAGE = { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 };

interface Row {
  readonly [column: string]: unknown;
}

describe('a call under a budget of one US dollar', () => {
  const stage = Stage.set({
    config: { prices: [{ model: MODEL, ...PRICE }] },
    provider: { models: [MODEL, UNPRICED] },
  });
  const made: string[] = [];

  const admin = async (method: string, path: string, body?: object): Promise<Row> => {
    const headers = { authorization: `Bearer ${ADMIN_KEY}`, ...(body && { 'content-type': 'application/json' }) };
    const answer = await stage.raw({ method, path: `/v1/admin${path}`, headers, ...(body && { body: JSON.stringify(body) }) });
    return JSON.parse(answer.body.toString()) as Row;
  };
  const makeBudget = async (limit_usd = '1'): Promise<string> => {
    const budget = { name: 'mine', scope: 'key', subject: 'client:client', period: 'total', limit_usd };
    const { id } = await admin('POST', '/budgets', budget);
    made.push(String(id));
    return String(id);
  };
  const call = (body: object): Promise<RawAnswer> => stage.call({ model: MODEL, messages: MESSAGES, ...body });
  const sent = (): Row => JSON.parse(stage.upstream.attempts.at(-1)!.body.toString()) as Row;
  const untilFound = async (sql: string): Promise<Row[]> => {
    let found: Row[] = [];
    await eventually(async () => (found = await query<Row>(stage.gateway.databaseUrl, sql)).length > 0);
    return found;
  };
  const spentOf = async (id: string): Promise<unknown> => (await admin('GET', `/budgets/${id}`))['spent_usd'];

  afterEach(async () => {
    for (const id of made.splice(0)) await admin('DELETE', `/budgets/${id}`);
  });

  it('is limited to what is left where it says nothing of its length, and told so', async () => {
    await makeBudget();
    stage.upstream.next(answers(completion({ usage: USAGE })));

    const answer = await call({});

    const limit = Number(sent()['max_tokens']);
    expect(answer.status).toBe(200);
    expect(answer.headers['x-tollgate-clamped']).toBe(`max_tokens=${limit}`);
    // All of the dollar but what the prompt may cost.
    expect(limit).toBeGreaterThan(990);
    expect(limit).toBeLessThan(1_000);
  });

  it('is refused where it asks for more than is left, and cut to that where it says that this will do', async () => {
    await makeBudget();
    stage.upstream.next(answers(completion({ usage: USAGE })));

    const refused = await call({ max_tokens: 5_000 });
    const cut = await call({ max_tokens: 5_000, clamp: true });

    expect(refused.status).toBe(429);
    expect(refused.headers['x-should-retry']).toBe('false');
    expect(errorOf(refused)).toMatchObject({ code: 'insufficient_quota', message: expect.stringMatching(/`mine`.*US\$1/) });
    expect(cut.status).toBe(200);
    expect(stage.upstream.attempts).toHaveLength(1);
    expect(Number(sent()['max_tokens'])).toBeLessThan(1_000);
    expect(sent()).not.toHaveProperty('clamp');
  });

  it('goes out as it is where it fits', async () => {
    await makeBudget();
    stage.upstream.next(answers(completion({ usage: USAGE })));

    const answer = await call({ max_tokens: 100 });

    expect(answer.status).toBe(200);
    expect(answer.headers).not.toHaveProperty('x-tollgate-clamped');
    expect(sent()['max_tokens']).toBe(100);
  });

  it('fits as it is really counted where its bytes would not', async () => {
    const id = await makeBudget('0.03');
    stage.upstream.next(answers(completion({ usage: { prompt_tokens: 5_000, completion_tokens: 1, total_tokens: 5_001 } })));

    const answer = await call({ messages: [{ role: 'user', content: 'internationalization '.repeat(2_000) }], max_tokens: 1 });

    expect(answer.status).toBe(200);
    await eventually(async () => (await spentOf(id)) === '0.006');
  });

  it.each([
    ['a model without a price', { model: UNPRICED }, 403, 'has no price'],
    ['a field that nobody knows', { max_tokens: 10, brand_new_field: 1 }, 400, '`brand_new_field`'],
    ['a tool that searches', { max_tokens: 10, web_search_options: {} }, 400, '`web_search_options`'],
  ])('is refused with %s, and reaches nobody', async (_, body, status, text) => {
    await makeBudget();

    const answer = await call(body);

    expect([answer.status, errorOf(answer).message]).toEqual([status, expect.stringContaining(text)]);
    expect(stage.upstream.attempts).toHaveLength(0);
  });

  it('is charged what was held where the provider does not say what it used', async () => {
    const id = await makeBudget();
    const begun = frame(chunk([{ index: 0, delta: { content: 'Hel' }, finish_reason: null }]));
    stage.upstream.next(streams([begun], { finally: cuts }));

    await call({ max_tokens: 100, stream: true });

    const [row] = await untilFound("SELECT usage_source, output_tokens, cost_nano_usd FROM ledger WHERE ending = 'upstream_cut'");
    expect(row).toMatchObject({ usage_source: 'estimated', output_tokens: 100 });
    // US$0.10 for the answer, and what its bytes may have come to.
    expect(Number(row!['cost_nano_usd'])).toBeGreaterThan(100_000_000);
    expect(Number(row!['cost_nano_usd'])).toBeLessThan(110_000_000);
    await eventually(async () => Number(await spentOf(id)) * 1e9 === Number(row!['cost_nano_usd']));
  });

  it('is cut where the provider goes on beyond its limit, and somebody is told', async () => {
    await makeBudget();
    const words = frame(
      chunk([{ index: 0, delta: { content: 'one two three four five six seven eight '.repeat(40) }, finish_reason: null }]),
    );
    const tooMany = Array.from({ length: 20 }, () => words);
    stage.upstream.next(streams(tooMany, { finally: hangs }));

    const answer = await call({ max_tokens: 100, stream: true });

    expect(answer.body.toString().slice(-400)).toContain('went on beyond the length');
    expect(answer.body.toString().slice(-400)).not.toContain('[DONE]');
    expect(await untilFound("SELECT facts FROM alerts WHERE kind = 'bound_exceeded'")).toHaveLength(1);
  });

  it('that is refused is counted, and is no row', async () => {
    await makeBudget('0');
    const refuse = (): Promise<RawAnswer> =>
      stage.call({ model: MODEL, messages: MESSAGES, max_tokens: 10 }, { 'x-request-id': 'refused' });
    for (let times = 0; times < 3; times += 1) expect((await refuse()).status).toBe(429);

    const counted = `SELECT count::int FROM refusals WHERE bound = 'budget ${made[0]}'`;
    await eventually(async () => {
      await stage.gateway.app.get(RefusalCounts, { strict: false }).flush();
      return (await query<Row>(stage.gateway.databaseUrl, counted))[0]?.['count'] === 3;
    });
    expect(await query(stage.gateway.databaseUrl, "SELECT 1 FROM ledger WHERE request_id = 'refused'")).toEqual([]);
  });
});

describe('a call of a key without a budget', () => {
  const stage = Stage.set({ config: { unpriced: { policy: 'reject' } }, provider: { models: [UNPRICED] } });

  it('is refused without a price where the operator wants no such calls', async () => {
    const answer = await stage.call({ model: UNPRICED, messages: MESSAGES });

    expect([answer.status, errorOf(answer).message]).toEqual([403, expect.stringContaining('has no price')]);
  });
});

describe('a call with tags', () => {
  const stage = Stage.set();

  it('has them in its row, and one that is not well formed is refused with what it must be', async () => {
    stage.upstream.next(answers(completion()));
    const labelled = await stage.call({ model: MODEL, messages: MESSAGES }, { 'x-tollgate-tags': 'app=search, stage=test' });
    const refused = await stage.call({ model: MODEL, messages: MESSAGES }, { 'x-tollgate-tags': 'app' });

    expect(labelled.status).toBe(200);
    expect([refused.status, errorOf(refused).param]).toEqual([400, 'x-tollgate-tags']);
    await eventually(async () => {
      const [row] = await query<Row>(stage.gateway.databaseUrl, 'SELECT tags FROM ledger');
      return JSON.stringify(row?.['tags']) === '{"app":"search","stage":"test"}';
    });
  });
});
