import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { PriceBook } from '../../../src/usage/price-book.js';
import { ScheduledPriceSync } from '../../../src/usage/prices/sync/scheduled-price-sync.js';
import { eventually } from '../../support/eventually.js';
import { CLIENT_KEY, scriptedProvider, startGateway, type TestGateway } from '../../support/gateway.js';
import type { LogLine } from '../../support/gateway/log-capture.js';
import { rawRequest } from '../../support/raw-client.js';
import { ScriptedUpstream } from '../../support/upstream.js';
import { answers } from '../../support/upstream/behaviours.js';
import { completion } from '../../support/upstream/openai-answers.js';
import { administer } from '../access/administer.js';
import { CALL_HEADERS, CHAT_PATH, MESSAGES } from '../stage.js';

const MODEL = 'acme/thinker';
/** As OpenRouter writes a model of its list: US dollars for one token, as text. */
const LISTED = { id: MODEL, pricing: { prompt: '0.000002', completion: '0.000008', internal_reasoning: '0.000003', request: '0.005' } };
const USAGE = {
  prompt_tokens: 10,
  completion_tokens: 500,
  total_tokens: 510,
  completion_tokens_details: { reasoning_tokens: 400 },
};

describe('a gateway with PRICE_SYNC_HOURS', () => {
  let upstream: ScriptedUpstream;
  let gateway: TestGateway;

  const lists = (...data: readonly object[]): void => upstream.aside('/v1/models', answers({ data }));

  beforeEach(async () => {
    upstream = await ScriptedUpstream.start();
    lists(LISTED);
    const account = scriptedProvider(upstream.baseUrl, { name: 'openrouter', type: 'openrouter', models: [MODEL] });
    gateway = await startGateway({ providers: [account], billing: { priceSyncHours: 24 } });
  }, 30_000);

  afterEach(async () => {
    await gateway.stop();
    await upstream.stop();
  }, 30_000);

  const told = (event: string): readonly LogLine[] => gateway.logs.lines.filter((line) => line['event'] === event);
  /** Asked of the book itself: over HTTP so many questions would be too many. */
  const pricedAt = (input: bigint) => (): boolean => {
    const found = gateway.app.get(PriceBook, { strict: false }).find({ name: 'openrouter', type: 'openrouter' }, MODEL, Date.now());
    return found?.version === 'sync' && found.price.input === input;
  };

  async function cost(requestId: string): Promise<string> {
    upstream.next(answers(completion({ usage: USAGE })));
    const body = JSON.stringify({ model: MODEL, messages: MESSAGES });
    const headers = { ...CALL_HEADERS, 'x-request-id': requestId };
    expect((await rawRequest(gateway.baseUrl, { method: 'POST', path: CHAT_PATH, headers, body })).status).toBe(200);
    return (await gateway.ledger.row(requestId)).cost_nano_usd;
  }

  it('takes over what is listed when it has started, charges by it, and shows it to clients', async () => {
    await eventually(pricedAt(2_000_000n));

    // 10 × 2 + 100 × 8 + 400 × 3 + 5,000 millionths
    expect(await cost('synced')).toBe('7020000');
    const shown = await rawRequest(gateway.baseUrl, { path: `/v1/models/${MODEL}`, headers: { authorization: `Bearer ${CLIENT_KEY}` } });
    expect(JSON.parse(shown.body.toString())).toMatchObject({ pricing: { input: 2, output: 8, reasoning: 3, request: 0.005 } });
    await eventually(() => told('prices_synced').length === 1);
    expect(told('prices_synced')[0]).toMatchObject({ providers: ['openrouter'], listed: 1, applied: 1, held_back: 0 });
    expect(await administer(gateway.baseUrl, 'GET', '/prices/overrides?origin=sync')).toMatchObject({
      data: [{ origin: 'sync', model: MODEL }],
    });
  });

  it('follows the list in a later round, but leaves what rises more than tenfold to somebody who looks', async () => {
    await eventually(pricedAt(2_000_000n));
    const schedule = gateway.app.get(ScheduledPriceSync, { strict: false });

    lists({ ...LISTED, pricing: { ...LISTED.pricing, prompt: '0.000004' } });
    // The first round may not be over yet, and would be shared.
    await eventually(async () => (await schedule.run()) === 'finished' && pricedAt(4_000_000n)());
    // 10 × 4 + 100 × 8 + 400 × 3 + 5,000
    expect(await cost('followed')).toBe('7040000');

    lists({ ...LISTED, pricing: { ...LISTED.pricing, prompt: '0.000041' } });
    expect(await schedule.run()).toBe('finished');
    expect(told('prices_held_back')).toMatchObject([{ count: 1, models: [`openrouter/${MODEL}`] }]);
    expect(await cost('held-back')).toBe('7040000');
  });
});
