import { describe, expect, it } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { ADMIN_KEY, CLIENT_KEY } from '../../support/gateway.js';
import { answers } from '../../support/upstream/behaviours.js';
import { completion } from '../../support/upstream/openai-answers.js';
import { administer, type Json } from '../access/administer.js';
import { MESSAGES, MODEL, Stage } from '../stage.js';

interface Explained {
  readonly cost_nano_usd: string;
  readonly tokens: Json;
  readonly charge: {
    readonly basis: string;
    readonly prices_kept: boolean;
    readonly matches: boolean;
    readonly sum_pico_usd: string;
    readonly recomputed_nano_usd: string;
    readonly buckets: readonly (Json & { readonly bucket: string; readonly amount_pico_usd: string })[];
  };
}

const PICO_PER_NANO = 1_000n;
const RATES = { input: '2', output: '8', reasoning: '3', request: '0.005' };
/** As a provider reports an answer that was thought about. */
const USAGE = {
  prompt_tokens: 10,
  completion_tokens: 500,
  total_tokens: 510,
  completion_tokens_details: { reasoning_tokens: 400 },
};

describe('a model with a fee for each call and a price for reasoning', () => {
  const stage = Stage.set({ provider: { models: [MODEL] } });

  const read = async <Body>(path: string, key = CLIENT_KEY): Promise<Body> => {
    const answer = await stage.raw({ path, headers: { authorization: `Bearer ${key}` } });
    expect([answer.status, answer.body.toString()]).toEqual([200, answer.body.toString()]);
    return JSON.parse(answer.body.toString()) as Body;
  };

  /** What a call is explained by that reports this usage. */
  async function explained(usage: object): Promise<Explained> {
    stage.upstream.next(answers(completion({ usage })));
    const requestId = stage.requestId();
    const answer = await stage.call({ model: MODEL, messages: MESSAGES }, { 'x-request-id': requestId });
    expect(answer.status).toBe(200);
    const { call_id: id } = await stage.gateway.ledger.row(requestId);
    // The prices are written beside the row, perhaps after it.
    await eventually(async () => (await read<Explained>(`/v1/requests/${id}`)).charge.prices_kept);
    return read<Explained>(`/v1/requests/${id}`);
  }

  const priceAt = (rates: object): Promise<Json> =>
    administer(stage.gateway.baseUrl, 'POST', '/prices/overrides', { model: MODEL, provider: 'scripted', rates });

  it('charges both, and explains both in lines that sum to the cost', async () => {
    await priceAt(RATES);
    const { cost_nano_usd: cost, charge, tokens } = await explained(USAGE);

    // 10 × 2 + (500 − 400) × 8 + 400 × 3 + 5,000 = 20 + 800 + 1,200 + 5,000 millionths
    expect(cost).toBe('7020000');
    expect(tokens).toMatchObject({ input: 10, output: 500, reasoning: 400 });
    expect(charge).toMatchObject({ basis: 'prices', matches: true, recomputed_nano_usd: cost });
    expect(charge.buckets).toEqual([
      { bucket: 'input', tokens: 10, ...lineOf('2000000', '2', '20000000', '0.00002') },
      { bucket: 'output', tokens: 100, ...lineOf('8000000', '8', '800000000', '0.0008') },
      { bucket: 'reasoning', tokens: 400, ...lineOf('3000000', '3', '1200000000', '0.0012') },
      { bucket: 'request', tokens: 1, ...lineOf('5000000000', null, '5000000000', '0.005') },
    ]);
    const sum = charge.buckets.reduce((total, { amount_pico_usd: amount }) => total + BigInt(amount), 0n);
    expect([charge.sum_pico_usd, String(sum / PICO_PER_NANO)]).toEqual([String(sum), cost]);
  });

  it('charges the fee alone besides plain output where nothing was reasoned', async () => {
    await priceAt(RATES);
    const { cost_nano_usd: cost, charge } = await explained({ prompt_tokens: 10, completion_tokens: 500, total_tokens: 510 });

    // 10 × 2 + 500 × 8 + 5,000 = 20 + 4,000 + 5,000
    expect(cost).toBe('9020000');
    expect(charge.buckets.map(({ bucket }) => bucket)).toEqual(['input', 'output', 'request']);
  });

  it('shows both to clients and to administrators', async () => {
    await priceAt(RATES);

    const pricing = { unit: 'USD per million tokens', input: 2, cached_input: 2, cache_write: 2, output: 8, reasoning: 3, request: 0.005 };
    const { data } = await read<{ data: readonly { id: string; pricing: object }[] }>('/v1/models');
    expect(data.find(({ id }) => id === MODEL)).toMatchObject({ pricing });
    expect(await read(`/v1/admin/prices?provider=scripted&model=${MODEL}`, ADMIN_KEY)).toMatchObject({
      data: [{ version: 'admin', rates: RATES, pico_usd_per_token: { reasoning: '3000000', request: '5000000000' } }],
    });
  });
});

function lineOf(pico: string, perMillion: string | null, amount: string, usd: string): object {
  return { pico_usd_per_token: pico, usd_per_million_tokens: perMillion, amount_pico_usd: amount, amount_usd: usd };
}
