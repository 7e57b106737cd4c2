import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { AddressInfo } from 'node:net';
import { createApp } from '../../../src/app.js';
import { KeysService } from '../../../src/keys/index.js';
import { Audit } from '../../../src/platform/index.js';
import { Secret } from '../../../src/platform/config/secret.js';
import { testConfig } from '../../support/config.js';
import { eventually } from '../../support/eventually.js';
import { ADMIN_KEY, CLIENT_KEY } from '../../support/gateway.js';
import { modelOf } from '../../support/gateway/kinds.js';
import { inTime } from '../../support/in-time.js';
import { type RawAnswer, rawRequest } from '../../support/raw-client.js';
import { answers } from '../../support/upstream/behaviours.js';
import { completion } from '../../support/upstream/openai-answers.js';
import { administer, askAdmin, type Json } from '../access/administer.js';
import { CALL_HEADERS, CHAT_PATH, MESSAGES, MODEL, Stage } from '../stage.js';
import { errorOf } from '../wire-error.js';

const PROMISED_MS = 1_000;
const UNKNOWN = '019512aa-3c5b-7f0c-8a5e-4d3c2b1a0f9e';
const LATER = '2099-01-01T00:00:00.000Z';
const RATES = { input: '2.50', cache_read: 1.25, output: 10 };
/** Of the scripted usage: 200 × 2.50 + 1,000 × 1.25 + 80 × 10 = 2,550 per million. */
const COST_USD = 0.002_55;

interface Listed {
  readonly data: readonly Json[];
}

describe('the administration of prices', () => {
  const stage = Stage.set();
  let other: NestFastifyApplication;
  let otherUrl: string;
  let viewer = '';

  beforeAll(async () => {
    other = await createApp(
      testConfig({
        database: { url: new Secret(stage.gateway.databaseUrl) },
        providers: [testConfig().providers[0]!, { ...testConfig().providers[0]!, name: 'scripted', models: ['scripted*'] }],
        keys: { admins: [{ name: 'admin', key: new Secret(ADMIN_KEY) }] },
      }),
    );
    await other.listen(0, '127.0.0.1');
    otherUrl = `http://127.0.0.1:${(other.getHttpServer().address() as AddressInfo).port}`;
    viewer = (await stage.gateway.app.get(KeysService, { strict: false }).create({ name: 'watcher', role: 'viewer' })).key;
  }, 30_000);

  afterAll(() => other.close(), 30_000);
  afterEach(async () => {
    for (const id of made.splice(0)) await remove(id);
  });

  const done = (method: string, path: string, body?: object): Promise<Json> => administer(stage.gateway.baseUrl, method, path, body);
  const ask = (method: string, path: string, body?: object, key?: string): Promise<RawAnswer> =>
    askAdmin(stage.gateway.baseUrl, method, path, body, key);
  const made: string[] = [];
  const override = async (order: object): Promise<Json> => {
    const answer = await done('POST', '/prices/overrides', { model: MODEL, rates: RATES, ...order });
    made.push(answer.id);
    return answer;
  };
  const remove = (id: string): Promise<Json> => done('DELETE', `/prices/overrides/${id}`);
  const priceOf = async (model: string): Promise<Json> =>
    ((await done('GET', `/prices?provider=scripted&model=${model}`)) as unknown as Listed).data[0]!;

  /** What the row of a call says that it cost, and by what. */
  async function charged(): Promise<readonly [string, string | null]> {
    stage.upstream.next(answers(completion()));
    const requestId = stage.requestId();
    const answer = await stage.call({ model: MODEL, messages: MESSAGES }, { 'x-request-id': requestId });
    expect(answer.status).toBe(200);
    const { cost_nano_usd: cost, price_version: version } = await stage.gateway.ledger.row(requestId);
    return [cost, version];
  }

  it('charges the next call by an override, and no call by one that was taken back', async () => {
    expect(await charged()).toEqual(['0', null]);

    const { id } = await override({ provider: 'scripted' });
    expect(await charged()).toEqual(['2550000', 'admin']);
    expect(await charged()).toEqual(['2550000', 'admin']);

    const removed = await remove(id);
    expect(await charged()).toEqual(['0', null]);
    expect(await remove(id)).toEqual(removed);
    expect(removed['removed_at']).toEqual(expect.any(String));
  });

  it('reprices nothing that was charged before', async () => {
    await override({});
    const requestId = stage.requestId();
    stage.upstream.next(answers(completion()));
    await stage.call({ model: MODEL, messages: MESSAGES }, { 'x-request-id': requestId });
    const before = await stage.gateway.ledger.row(requestId);

    await override({ rates: { input: '1000', output: '1000' } });
    expect((await charged())[0]).toBe('1280000000');

    expect(await stage.gateway.ledger.row(requestId)).toEqual(before);
  });

  it('is in effect in another gateway within a second, and so is the end', async () => {
    const costs = async (): Promise<number> => {
      stage.upstream.next(answers(completion()));
      const answer = await rawRequest(stage.gateway.baseUrl, {
        method: 'POST',
        path: CHAT_PATH,
        headers: CALL_HEADERS,
        body: JSON.stringify({ model: MODEL, messages: MESSAGES }),
      });
      return Number(answer.headers['x-tollgate-cost-usd'] ?? Number.NaN);
    };

    const { id } = await administer(otherUrl, 'POST', '/prices/overrides', { model: MODEL, provider: 'scripted', rates: RATES });
    await inTime(PROMISED_MS, () => eventually(async () => (await costs()) === COST_USD));

    await administer(otherUrl, 'DELETE', `/prices/overrides/${id}`);
    await inTime(PROMISED_MS, () => eventually(async () => (await costs()) !== COST_USD));
  });

  it('shows it, with each amount in dollars for people and as it is charged', async () => {
    expect(await priceOf('scripted-listed')).toBeUndefined();
    const shown = await override({
      provider: 'scripted',
      model: 'scripted-listed',
      rates: { input: '0.000001', output: 0.1 },
      tiers: [
        { above_input_tokens: 200_000, rates: { output: '0.3' } },
        { above_input_tokens: 100_000, rates: { input: '0.2' } },
      ],
    });

    expect(shown).toMatchObject({
      provider: 'scripted',
      model: 'scripted-listed',
      rates: { input: '0.000001', output: '0.1' },
      tiers: [
        { above_input_tokens: 100_000, rates: { input: '0.2' } },
        { above_input_tokens: 200_000, rates: { output: '0.3' } },
      ],
      origin: 'admin',
      created_by: 'admin:admin',
      removed_at: null,
    });
    expect(await priceOf('scripted-listed')).toMatchObject({
      provider: 'scripted',
      model: 'scripted-listed',
      version: 'admin',
      id: expect.stringMatching(/^[0-9a-f]{32}$/),
      overrides: [shown.id],
      rates: { input: '0.000001', cache_read: '0.000001', output: '0.1', image: '0.000001' },
      pico_usd_per_token: { input: '1', output: '100000' },
      tiers: [
        { above_input_tokens: 100_000, pico_usd_per_token: { input: '200000', output: '100000' } },
        { above_input_tokens: 200_000, pico_usd_per_token: { input: '200000', output: '300000' } },
      ],
    });
  });

  it('is what GET /v1/models shows', async () => {
    const pricing = async (): Promise<unknown> =>
      JSON.parse((await stage.raw({ path: `/v1/models/${MODEL}`, headers: { authorization: `Bearer ${CLIENT_KEY}` } })).body.toString())
        .pricing;
    expect(await pricing()).toBeNull();

    await override({});

    expect(await pricing()).toMatchObject({ input: 2.5, cached_input: 1.25, output: 10 });
  });

  it('lists models that were called without a price, and says when they have one', async () => {
    await charged();
    const unpriced = async (): Promise<readonly Json[]> => ((await done('GET', '/prices/unpriced?days=1')) as unknown as Listed).data;

    const [before] = await unpriced();
    await override({});

    expect(before).toMatchObject({ provider: 'scripted', model: MODEL, priced_now: false, last_called_at: expect.any(String) });
    const calls = Number(before!['calls']);
    expect(calls).toBeGreaterThan(0);
    expect(before).toMatchObject({ input_tokens: calls * 1_200, output_tokens: calls * 80 });
    expect(await unpriced()).toEqual([{ ...before, priced_now: true }]);
  });

  it('keeps the history: those that hold, those to come and those that were taken back', async () => {
    const past = await override({ model: 'history' });
    await remove(past.id);
    const current = await override({ model: 'history', provider: 'scripted' });
    const coming = await override({ model: 'history', from: LATER });

    const all = (await done('GET', '/prices/overrides?model=history')) as unknown as Listed;
    expect(all.data.map(({ id }) => id)).toEqual([coming.id, current.id, past.id]);
    expect(all.data[0]).toMatchObject({ from: LATER, removed_at: null });
    expect(await done('GET', '/prices/overrides?model=history&limit=1')).toMatchObject({ has_more: true, last_id: coming.id });
    expect(await done('GET', `/prices/overrides?model=history&after=${current.id}`)).toMatchObject({ data: [{ id: past.id }] });
    expect(await done('GET', '/prices/overrides?provider=scripted&model=history')).toMatchObject({ data: [{ id: current.id }] });
    expect(await done('GET', '/prices/overrides?origin=sync')).toMatchObject({ data: [], last_id: null });
    const records = await stage.gateway.app.get(Audit, { strict: false }).list({ limit: 50, entity: 'price' });
    expect(records.filter(({ entityId }) => entityId === past.id).map(({ action, actor }) => [action, actor.id])).toEqual([
      ['remove', 'admin:admin'],
      ['create', 'admin:admin'],
    ]);
  });

  it.each([
    [{ model: '' }, 'model'],
    [{ model: undefined }, 'model'],
    [{ provider: 'nobody' }, 'provider'],
    [{ provider: 7 }, 'provider'],
    [{ from: '2020-01-01T00:00:00Z' }, 'from'],
    [{ from: 'tomorrow' }, 'from'],
    [{ rates: undefined }, 'rates'],
    [{ rates: {} }, 'rates'],
    [{ rates: [] }, 'rates'],
    [{ rates: { input: -1 } }, 'rates.input'],
    [{ rates: { input: 'free' } }, 'rates.input'],
    [{ rates: { input: null } }, 'rates.input'],
    [{ rates: { input: '0.0000001' } }, 'rates.input'],
    [{ rates: { input: 1e-7 } }, 'rates.input'],
    [{ rates: { cache_write_1h: '1000000001' } }, 'rates.cache_write_1h'],
    [{ rates: { output: 0.123_456_789_012_345_68 } }, 'rates.output'],
    [{ rates: { thinking: '1' } }, 'rates.thinking'],
    [{ rates: { reasoning: 'none' } }, 'rates.reasoning'],
    [{ tiers: 'none' }, 'tiers'],
    [{ tiers: [{ rates: { input: 1 } }] }, 'tiers[0].above_input_tokens'],
    [{ tiers: [{ above_input_tokens: 0, rates: { input: 1 } }] }, 'tiers[0].above_input_tokens'],
    [{ tiers: [{ above_input_tokens: 5 }] }, 'tiers[0].rates'],
    [{ tiers: [{ above_input_tokens: 5, rates: { output: '0.0000001' } }] }, 'tiers[0].rates.output'],
    [
      {
        tiers: [
          { above_input_tokens: 5, rates: { input: 1 } },
          { above_input_tokens: 5, rates: { input: 2 } },
        ],
      },
      'tiers',
    ],
    [{ currency: 'EUR' }, 'currency'],
  ])('refuses %j, naming the field', async (order, param) => {
    const answer = await ask('POST', '/prices/overrides', { model: MODEL, rates: RATES, ...order });

    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ param, message: expect.stringContaining(`\`${param}\``) });
  });

  it('knows no override that is not there', async () => {
    for (const id of [UNKNOWN, 'nonsense']) {
      const answer = await ask('DELETE', `/prices/overrides/${id}`);
      expect([answer.status, errorOf(answer).message]).toEqual([404, `There is no price override \`${id}\`.`]);
    }
  });

  it('lets viewers read and do nothing else, and clients neither', async () => {
    for (const path of ['/prices', '/prices/unpriced', '/prices/overrides']) {
      expect((await ask('GET', path, undefined, viewer)).status).toBe(200);
      expect((await ask('GET', path, undefined, CLIENT_KEY)).status).toBe(403);
    }
    expect((await ask('POST', '/prices/overrides', { model: MODEL, rates: RATES }, viewer)).status).toBe(403);
    expect((await ask('DELETE', `/prices/overrides/${UNKNOWN}`, undefined, viewer)).status).toBe(403);
  });
});

describe('the list of prices', () => {
  const stage = Stage.setEveryKind();
  const list = async (query = ''): Promise<Json & Listed> =>
    (await administer(stage.gateway.baseUrl, 'GET', `/prices${query}`)) as unknown as Json & Listed;

  it('has each model at each provider, page by page, also what is free by declaration', async () => {
    const whole = await list();
    const first = await list('?limit=3');
    const second = await list(`?limit=200&after=${String(first['last_id'])}`);

    expect(first).toMatchObject({ has_more: true });
    expect([...first.data, ...second.data]).toEqual(whole.data);
    const names = whole.data.map(({ provider, model }) => `${String(provider)}/${String(model)}`);
    expect(names).toEqual([...new Set(names)].toSorted((one, other) => (one < other ? -1 : 1)));
    expect(names.length).toBeGreaterThan(3);
    expect(whole.data.find(({ provider }) => provider === 'anthropic')).toMatchObject({ version: 'yaml', service_tiers: { batch: '1/2' } });
  });

  it('shows an override at its own provider alone, before the YAML', async () => {
    const order = { provider: 'deepseek', model: modelOf('deepseek'), rates: { input: 1 } };
    await administer(stage.gateway.baseUrl, 'POST', '/prices/overrides', order);
    await administer(stage.gateway.baseUrl, 'POST', '/prices/overrides', { ...order, provider: 'ollama', rates: { input: 9 } });

    const { data } = await list(`?model=${modelOf('deepseek')}`);

    expect(data.find(({ provider }) => provider === 'deepseek')).toMatchObject({ version: 'admin', rates: { input: '1', output: '15' } });
    expect(data.find(({ provider }) => provider === 'ollama')).toMatchObject({ version: 'admin', rates: { input: '9', output: '15' } });
  });
});
