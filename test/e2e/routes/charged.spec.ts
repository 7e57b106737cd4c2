import { describe, expect, it } from '@jest/globals';
import type { ProviderConfig } from '../../../src/platform/config/provider-config.js';
import { eventually } from '../../support/eventually.js';
import { ADMIN_KEY } from '../../support/gateway.js';
import type { LedgerRow } from '../../support/gateway/ledger.js';
import { query } from '../../support/query.js';
import { rawRequest } from '../../support/raw-client.js';
import { answers, streams } from '../../support/upstream/behaviours.js';
import { completion } from '../../support/upstream/openai-answers.js';
import { chunk, frame, streamFrames } from '../../support/upstream/openai-frames.js';
import { alias, FRAMES, good, type RouteOptions, RouteStage } from './route-stage.js';

/** A row of `charged_prices`. */
interface Charged {
  readonly version: string;
  readonly base: Readonly<Record<string, string>> & { readonly factors?: Readonly<Record<string, Factor>> };
  readonly tiers: readonly { readonly above_input_tokens: number; readonly rates: Readonly<Record<string, string>> }[];
  readonly charged_at: Date;
}

interface Factor {
  readonly numerator: string;
  readonly denominator: string;
}

interface AlertRow {
  readonly facts: Readonly<Record<string, unknown>>;
}

const openai: Partial<ProviderConfig> = { type: 'openai', models: ['gpt-*', 'o3'] };
/** US$1 for a million tokens of a prompt, US$2 for a million of an answer. */
const PRICE = { inputPicoUsd: 1_000_000n, outputPicoUsd: 2_000_000n, cacheReadPicoUsd: undefined, cacheWritePicoUsd: undefined };
const USAGE = { prompt_tokens: 1_000, completion_tokens: 500, total_tokens: 1_500 };
/** 1,000 × 1 + 500 × 2 millionths of a dollar. */
const USUAL_COST = '2000000';

const PROVIDERS: RouteOptions<'first' | 'second' | 'openai' | 'router'>['providers'] = {
  first: {},
  second: {},
  openai,
  router: { type: 'openrouter' },
};
const PRICES = ['first-model', 'second-model', 'router-model'].map((model) => ({ model, ...PRICE }));
const OPTIONS: RouteOptions<'first' | 'second' | 'openai' | 'router'> = {
  providers: PROVIDERS,
  models: [alias('fast', ['first', 'second'])],
  config: { prices: PRICES, retry: { maxAttempts: 2, baseMs: 1, budgetRatio: 1 } },
};

/** A stream that says what it has used, which nobody asked for and nobody is told, and then that it has failed. */
const failsWithUsage = streams([
  frame(chunk([], { usage: { prompt_tokens: 400, completion_tokens: 50, prompt_tokens_details: { cached_tokens: 100 } } })),
  frame(JSON.stringify({ error: { message: 'broken', type: 'server_error', code: 500 } })),
]);
/** 300 × 1 + 100 × 1 (no price of its own) + 50 × 2 */
const FAILED_COST = '500000';

const priceOf = async (stage: RouteStage<never>, id: string | null): Promise<Charged> => {
  const [row] = await query<Charged>(stage.gateway.databaseUrl, `SELECT * FROM charged_prices WHERE id = '${id}'`);
  return row!;
};

/** What the row's cost is by nothing but what the row and its price say; pico-dollars of buckets, times the factor, rounded once. */
function recomputed(row: LedgerRow, { base, tiers }: Charged): string {
  const tier = tiers.find(({ above_input_tokens }) => above_input_tokens === row.tier_above);
  expect(tier !== undefined).toBe(row.tier_above !== null);
  const rates = tier?.rates ?? base;
  const parts: readonly (readonly [number, string | undefined])[] = [
    [row.input_tokens, rates['input']],
    [row.cache_read_tokens, rates['cacheRead']],
    [row.cache_write_5m_tokens, rates['cacheWrite5m']],
    [row.output_tokens, rates['output']],
  ];
  const pico = parts.reduce((sum, [tokens, rate]) => sum + BigInt(tokens) * BigInt(rate!), 0n);
  const { numerator, denominator } = base.factors?.[row.service_tier ?? ''] ?? { numerator: '1', denominator: '1' };
  const [dividend, divisor] = [pico * BigInt(numerator), 1_000n * BigInt(denominator)];
  expect(dividend % divisor).toBe(0n);
  return String(dividend / divisor);
}

describe('what a call was charged by', () => {
  const stage = RouteStage.set(OPTIONS);

  const ask = async (model: string, usage: object, extra: Record<string, unknown> = {}): Promise<LedgerRow> => {
    stage.upstream('openai').next(answers(completion({ usage, extra })));
    const { row } = await stage.ask(model);
    return row;
  };

  it.each([
    ['the base price', 'gpt-4o', { prompt_tokens: 1_200, completion_tokens: 80, prompt_tokens_details: { cached_tokens: 1_000 } }, null],
    ['the tier that its input came into', 'gpt-5.5', { prompt_tokens: 300_000, completion_tokens: 10 }, 271_999],
  ])('is in its row and kept for ever: %s', async (_, model, usage, tierAbove) => {
    const row = await ask(model, usage);

    const price = await priceOf(stage as never, row.price_id);
    expect(row).toMatchObject({
      price_version: 'genai-prices@0.1.8',
      tier_above: tierAbove,
      service_tier: null,
      failed_cost_nano_usd: '0',
    });
    expect(price.version).toBe(row.price_version);
    expect(row.cost_nano_usd).toBe(recomputed(row, price));
    expect(Number(row.cost_nano_usd)).toBeGreaterThan(0);
  });

  it('is the same price for every call that was charged by it', async () => {
    const one = await ask('gpt-4o-mini', USAGE);
    const { charged_at } = await priceOf(stage as never, one.price_id);
    const other = await ask('gpt-4o-mini', USAGE);

    expect(other.price_id).toBe(one.price_id);
    expect((await priceOf(stage as never, one.price_id)).charged_at).toEqual(charged_at);
    expect((await ask('gpt-4o', USAGE)).price_id).not.toBe(one.price_id);
  });

  it.each([
    ['flex', 1n, 2n],
    ['priority', 2n, 1n],
  ])('has the service tier that was answered in: %s', async (service_tier, numerator, denominator) => {
    const usual = await ask('gpt-5', USAGE, { service_tier: 'default' });
    const row = await ask('gpt-5', USAGE, { service_tier });

    expect(usual.service_tier).toBeNull();
    expect(row.service_tier).toBe(service_tier);
    expect(BigInt(row.cost_nano_usd) * denominator).toBe(BigInt(usual.cost_nano_usd) * numerator);
    expect(row.cost_nano_usd).toBe(recomputed(row, await priceOf(stage as never, row.price_id)));
  });

  it('is told to the client of a plain call by the same arithmetic', async () => {
    stage.upstream('openai').next(answers(completion({ usage: USAGE, extra: { service_tier: 'flex' } })));

    const { answer, row } = await stage.ask('gpt-5');

    expect(Math.round(Number(answer.headers['x-tollgate-cost-usd']) * 1e9)).toBe(Number(row.cost_nano_usd));
  });

  it('is the usual price, and an alert of the day, in a tier whose price nobody knows', async () => {
    const usual = await ask('o3', USAGE);
    for (let call = 0; call < 2; call += 1) {
      const row = await ask('o3', USAGE, { service_tier: 'priority' });
      expect(row).toMatchObject({ service_tier: 'priority', cost_nano_usd: usual.cost_nano_usd });
    }

    let alerts: AlertRow[] = [];
    const sql = `SELECT facts FROM alerts WHERE kind = 'tier_unpriced'`;
    await eventually(async () => (alerts = await query<AlertRow>(stage.gateway.databaseUrl, sql)).length > 0);
    expect(alerts).toEqual([{ facts: { provider: 'openai', model: 'o3', service_tier: 'priority' } }]);
  });

  it('leaves out what an attempt used that failed, which is a cost at its provider', async () => {
    stage.upstream('first').next(failsWithUsage);
    stage.upstream('second').next(streams(streamFrames()));

    const { row, answer } = await stage.ask('fast', { stream: true });

    expect(answer.body.toString()).not.toContain('broken');
    expect(row).toMatchObject({ provider: 'second', ending: 'complete', failed_cost_nano_usd: FAILED_COST });
    expect(row.cost_nano_usd).toBe(recomputed(row, await priceOf(stage as never, row.price_id)));
    expect(row.attempts).toMatchObject([
      { provider: 'first', usage: { input: 300, cache_read: 100, output: 50 }, cost_nano_usd: FAILED_COST },
      { provider: 'second', outcome: 'answered' },
    ]);
    expect(row.attempts[1]).not.toHaveProperty('usage');
  });

  it('counts an attempt as failed that answered in another form than it was asked for', async () => {
    stage.upstream('first').next(answers(completion({ usage: USAGE })));
    stage.upstream('second').next(streams(FRAMES));

    const { row } = await stage.ask('fast', { stream: true });

    expect(row.failed_cost_nano_usd).toBe(USUAL_COST);
    expect(row.attempts[0]).toMatchObject({
      outcome: 'upstream_protocol',
      usage: { input: 1_000, output: 500 },
      cost_nano_usd: USUAL_COST,
    });
  });

  it('is nothing where every attempt failed, whatever they used', async () => {
    stage.upstream('first').next(failsWithUsage);
    stage.upstream('second').next(failsWithUsage);

    const { row, answer } = await stage.ask('fast', { stream: true });

    expect(answer.status).toBeGreaterThanOrEqual(500);
    expect(row).toMatchObject({ ending: 'failed', cost_nano_usd: '0', input_tokens: 0, output_tokens: 0, failed_cost_nano_usd: '1000000' });
  });

  it('is computed, with the figure of a provider that has one of its own beside it', async () => {
    stage.upstream('router').next(answers(completion({ usage: { ...USAGE, cost: 0.0123 } })));

    const { row } = await stage.ask('router-model');

    expect(row).toMatchObject({ cost_nano_usd: USUAL_COST, provider_cost_nano_usd: '12300000' });
    expect(row.cost_nano_usd).toBe(recomputed(row, await priceOf(stage as never, row.price_id)));
  });
});

describe('with BILL_FAILED_ATTEMPTS=tenant and COST_SOURCE=provider', () => {
  const stage = RouteStage.set({
    ...OPTIONS,
    config: { ...OPTIONS.config, billing: { billFailedAttempts: 'tenant', costSource: 'provider' } },
  });
  const admin = async (method: string, path: string, body?: object): Promise<Readonly<Record<string, unknown>>> => {
    const headers = { authorization: `Bearer ${ADMIN_KEY}`, ...(body && { 'content-type': 'application/json' }) };
    const asked = { method, path: `/v1/admin/budgets${path}`, headers, ...(body && { body: JSON.stringify(body) }) };
    const answer = await rawRequest(stage.gateway.baseUrl, asked);
    return JSON.parse(answer.body.toString() || '{}') as Readonly<Record<string, unknown>>;
  };

  it('a call pays for its attempts that failed', async () => {
    stage.upstream('first').next(failsWithUsage);
    stage.upstream('second').next(good);

    const { row } = await stage.ask('fast', { stream: true });

    const price = await priceOf(stage as never, row.price_id);
    expect(row.failed_cost_nano_usd).toBe(FAILED_COST);
    expect(row.cost_nano_usd).toBe(String(BigInt(recomputed(row, price)) + BigInt(FAILED_COST)));
  });

  it('a call pays for them also where none made an answer', async () => {
    stage.upstream('first').next(failsWithUsage);
    stage.upstream('second').next(failsWithUsage);

    const { row } = await stage.ask('fast', { stream: true });

    expect(row).toMatchObject({ cost_nano_usd: '1000000', failed_cost_nano_usd: '1000000' });
  });

  it('a budget is charged no more for them than is held for the call, and the rest stays a cost at the provider', async () => {
    const limit = { name: 'small', scope: 'key', subject: 'client:client', period: 'total', limit_usd: '0.0021' };
    const { id } = await admin('POST', '', limit);
    // Held is less than that: 500 tokens of an answer, and a short prompt. The answer takes 0.0001, and the failure would take 0.002.
    stage.upstream('first').next(answers(completion({ usage: USAGE })));
    stage.upstream('second').next(streams(streamFrames({ usage: 'none' }).slice(0, -1).concat(lastFrames(50, 25))));

    const { row } = await stage.ask('fast', { stream: true, body: { max_tokens: 500 } });
    const { spent_usd } = await admin('GET', `/${String(id)}`);
    await admin('DELETE', `/${String(id)}`);

    const own = BigInt(recomputed(row, await priceOf(stage as never, row.price_id)));
    expect(own).toBe(100_000n);
    expect(row.failed_cost_nano_usd).toBe(USUAL_COST);
    expect(BigInt(row.cost_nano_usd)).toBeGreaterThan(own);
    expect(BigInt(row.cost_nano_usd)).toBeLessThan(own + BigInt(USUAL_COST));
    expect(Number(spent_usd)).toBe(Number(row.cost_nano_usd) / 1e9);
    expect(Number(spent_usd)).toBeLessThanOrEqual(0.0021);
  });

  it('a call is charged what its provider says that it cost', async () => {
    stage.upstream('router').next(answers(completion({ usage: { ...USAGE, cost: 0.0123 } })));

    const { row, answer } = await stage.ask('router-model');

    expect(row).toMatchObject({ cost_nano_usd: '12300000', provider_cost_nano_usd: '12300000' });
    expect(recomputed(row, await priceOf(stage as never, row.price_id))).toBe(USUAL_COST);
    expect(Number(answer.headers['x-tollgate-cost-usd'])).toBe(0.0123);
  });

  it('a call of a provider that says nothing is charged what is computed', async () => {
    stage.upstream('router').next(answers(completion({ usage: USAGE })));

    const { row } = await stage.ask('router-model');

    expect(row).toMatchObject({ cost_nano_usd: USUAL_COST, provider_cost_nano_usd: null });
  });
});

/** The end of a stream that reports this usage. */
function lastFrames(prompt_tokens: number, completion_tokens: number): string[] {
  return [frame(chunk([], { usage: { prompt_tokens, completion_tokens } })), 'data: [DONE]\n\n'];
}
