import { describe, expect, it } from '@jest/globals';
import { ADMIN_KEY, CLIENT_KEY, OTHER_KEY } from '../../support/gateway.js';
import { answers, refuses, streams } from '../../support/upstream/behaviours.js';
import { completion } from '../../support/upstream/openai-answers.js';
import { streamFrames } from '../../support/upstream/openai-frames.js';
import { MESSAGES, MODEL, Stage } from '../stage.js';

type Stats = Record<string, unknown>;

/** US$2.50, US$1.25 cached and US$10 per million: 200, 1000 and 80 tokens of the scripted usage. */
const COST_NANO_USD = 200 * 2_500 + 1_000 * 1_250 + 80 * 10_000;

describe('the usage of a key', () => {
  const stage = Stage.set({
    config: {
      prices: [
        { model: MODEL, inputPicoUsd: 2_500_000n, outputPicoUsd: 10_000_000n, cacheReadPicoUsd: 1_250_000n, cacheWritePicoUsd: undefined },
      ],
    },
  });

  async function stats(key: string, query = ''): Promise<Stats> {
    const answer = await stage.raw({ path: `/v1/usage/stats${query}`, headers: { authorization: `Bearer ${key}` } });
    expect(answer.status).toBe(200);
    return JSON.parse(answer.body.toString()) as Stats;
  }

  it('has a row per call with its buckets, its cost and its source', async () => {
    stage.upstream.next(
      answers(completion()),
      streams(streamFrames()),
      answers(completion({ usage: null, content: 'Four words, more or less.' })),
    );
    const ids = [stage.requestId(), stage.requestId(), stage.requestId()];

    const plain = await stage.call({ model: MODEL, messages: MESSAGES, user: 'alice' }, { 'x-request-id': ids[0]! });
    await stage.call({ model: MODEL, messages: MESSAGES, stream: true }, { 'x-request-id': ids[1]! });
    await stage.call({ model: MODEL, messages: MESSAGES }, { 'x-request-id': ids[2]! });

    const [first, second, third] = await Promise.all(ids.map((id) => stage.gateway.ledger.row(id)));
    const reported = { input_tokens: 200, cache_read_tokens: 1000, output_tokens: 80, reasoning_tokens: 30, usage_source: 'provider' };
    const charged = {
      cost_nano_usd: String(COST_NANO_USD),
      price_version: expect.any(String),
      ending: 'complete',
      status: 200,
      error_kind: null,
    };
    expect(first).toMatchObject({ ...reported, ...charged, user_id: 'alice', streamed: false, provider: 'scripted', model: MODEL });
    expect(second).toMatchObject({ ...reported, ...charged, user_id: null, streamed: true });
    expect(third).toMatchObject({ usage_source: 'counted', ending: 'complete', cache_read_tokens: 0 });
    expect(third?.input_tokens).toBeGreaterThan(0);
    expect(third?.output_tokens).toBeGreaterThanOrEqual(4);
    expect(Number(plain.headers['x-tollgate-cost-usd'])).toBe(COST_NANO_USD / 1e9);
  });

  it('is summed for its key alone', async () => {
    const before = { mine: await stats(CLIENT_KEY), other: await stats(OTHER_KEY), admin: await stats(ADMIN_KEY) };
    stage.upstream.next(answers(completion()), refuses(400));
    const ids = [stage.requestId(), stage.requestId()];
    for (const id of ids)
      await stage.call({ model: MODEL, messages: MESSAGES }, { authorization: `Bearer ${OTHER_KEY}`, 'x-request-id': id });
    await Promise.all(ids.map((id) => stage.gateway.ledger.row(id)));

    const after = await stats(OTHER_KEY);

    expect(await stats(CLIENT_KEY)).toEqual({ ...before.mine, to: expect.anything() });
    expect(await stats(ADMIN_KEY)).toEqual({ ...before.admin, to: expect.anything() });
    expect(JSON.stringify(before.other)).not.toBe(JSON.stringify(after));
    expect(after).toMatchObject({ requests: 2, errors: 1 });
  });

  it.each(['?from=yesterday', '?interval=minute', '?group_by=planet', '?nonsense=1', '?from=2026-11-20T00:00:00Z&to=2026-11-19T00:00:00Z'])(
    'refuses a question it cannot answer and names the parameter: %s',
    async (query) => {
      const answer = await stage.raw({ path: `/v1/usage/stats${query}`, headers: { authorization: `Bearer ${CLIENT_KEY}` } });

      expect(answer.status).toBe(400);
      expect(JSON.parse(answer.body.toString())).toMatchObject({
        error: { param: expect.stringMatching(/^(from|to|interval|group_by|nonsense)$/) },
      });
    },
  );

  it('makes as many rows as calls, though they share one label', async () => {
    stage.upstream.always(answers(completion()));
    const before = (await stage.gateway.ledger.rows()).length;
    const calls = 200;

    const all = await Promise.all(
      Array.from({ length: calls }, () => stage.call({ model: MODEL, messages: MESSAGES }, { 'x-request-id': 'shared-label' })),
    );

    expect(all.every(({ status }) => status === 200)).toBe(true);
    await stage.gateway.ledger.untilRows(before + calls);
  });
});
