import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { scriptedProvider, startGateway, type TestGateway } from '../../support/gateway.js';
import { rawRequest, type RawAnswer } from '../../support/raw-client.js';
import { ScriptedUpstream } from '../../support/upstream.js';
import { answers, streams } from '../../support/upstream/behaviours.js';
import { completion } from '../../support/upstream/openai-answers.js';
import { chunk, DONE, frame, streamFrames } from '../../support/upstream/openai-frames.js';
import { CALL_HEADERS, CHAT_PATH, MESSAGES } from '../stage.js';

const COMMENT = ': OPENROUTER PROCESSING\n\n';
const OPENROUTER_USAGE = {
  prompt_tokens: 100,
  completion_tokens: 10,
  total_tokens: 110,
  cost: 0.0012345678,
  prompt_tokens_details: { cached_tokens: 40, cache_write_tokens: 20 },
};
const DEEPSEEK_USAGE = {
  prompt_tokens: 100,
  completion_tokens: 50,
  total_tokens: 150,
  prompt_cache_hit_tokens: 64,
  prompt_cache_miss_tokens: 36,
  completion_tokens_details: { reasoning_tokens: 32 },
};

describe('the relatives of OpenAI', () => {
  let upstream: ScriptedUpstream;
  let gateway: TestGateway;
  let requests = 0;

  beforeAll(async () => {
    upstream = await ScriptedUpstream.start();
    gateway = await startGateway({
      providers: [
        scriptedProvider(upstream.baseUrl, { name: 'openrouter', type: 'openrouter', models: ['router*'] }),
        scriptedProvider(upstream.baseUrl, { name: 'deepseek', type: 'deepseek', models: ['deepseek*'] }),
        scriptedProvider(upstream.baseUrl, {
          name: 'modest',
          models: ['modest*'],
          streamOptions: false,
          headers: { 'x-team': 'platform' },
        }),
        scriptedProvider(upstream.baseUrl, { name: 'keyless', models: ['keyless*'], apiKeys: [] }),
      ],
    });
  }, 30_000);
  beforeEach(() => upstream.forget());
  afterAll(async () => {
    await gateway.stop();
    await upstream.stop();
  }, 30_000);

  async function call(body: object): Promise<RawAnswer & { readonly requestId: string }> {
    requests += 1;
    const requestId = `relatives-${requests}`;
    const headers = { ...CALL_HEADERS, 'x-request-id': requestId };
    const answer = await rawRequest(gateway.baseUrl, {
      method: 'POST',
      path: CHAT_PATH,
      headers,
      body: JSON.stringify({ messages: MESSAGES, ...body }),
    });
    return { ...answer, requestId };
  }

  it("OpenRouter's comments pass, and its own price is kept beside ours", async () => {
    const frames = [COMMENT, COMMENT, ...streamFrames({ usage: 'none' }).slice(0, -1)];
    upstream.next(streams([...frames, frame(chunk([], { usage: OPENROUTER_USAGE })), DONE]));

    const { body, requestId } = await call({ model: 'router-1', stream: true });

    expect(body.toString()).toBe([...frames, DONE].join(''));
    expect(await gateway.ledger.row(requestId)).toMatchObject({
      provider_cost_nano_usd: '1234568',
      input_tokens: 40,
      cache_read_tokens: 40,
      cache_write_5m_tokens: 20,
      output_tokens: 10,
      usage_source: 'provider',
    });
  });

  it('OpenRouter gets its own `provider` object, and a string `provider` is ours', async () => {
    upstream.always(answers(completion()));
    const preferences = { order: ['a', 'b'], allow_fallbacks: false };

    await call({ model: 'router-1', provider: preferences });
    await call({ model: 'router-1', provider: 'openrouter' });

    expect((await upstream.attempt(0)).json).toMatchObject({ provider: preferences });
    expect((await upstream.attempt(1)).json).not.toHaveProperty('provider');
  });

  it("DeepSeek's thinking passes, and its cache hits are counted once", async () => {
    const message = { reasoning_content: 'Let me think …' };
    upstream.next(answers(completion({ usage: DEEPSEEK_USAGE, message })));

    const { body, requestId } = await call({ model: 'deepseek-reasoner', thinking: { type: 'enabled' } });

    expect(JSON.parse(body.toString())).toMatchObject({ choices: [{ message }], usage: DEEPSEEK_USAGE });
    expect((await upstream.attempt(0)).json).toMatchObject({ thinking: { type: 'enabled' } });
    expect(await gateway.ledger.row(requestId)).toMatchObject({
      input_tokens: 36,
      cache_read_tokens: 64,
      output_tokens: 50,
      reasoning_tokens: 32,
    });
  });

  it('DeepSeek may send empty lines until a plain answer is ready', async () => {
    const bytes = Buffer.from(`\n\n\n${JSON.stringify(completion())}`);
    upstream.next(answers(bytes));

    expect((await call({ model: 'deepseek-chat' })).body.equals(bytes)).toBe(true);
  });

  it('one that does not know `stream_options` is not sent any, and we count', async () => {
    upstream.next(streams(streamFrames({ usage: 'none', text: ['one two three four'] })));

    const { requestId } = await call({ model: 'modest-1', stream: true });

    const attempt = await upstream.attempt(0);
    expect(attempt.json).not.toHaveProperty('stream_options');
    expect(attempt.headers['x-team']).toBe('platform');
    const row = await gateway.ledger.row(requestId);
    expect(row).toMatchObject({ usage_source: 'counted', ending: 'complete' });
    expect(row.output_tokens).toBeGreaterThanOrEqual(4);
  });

  it('one without a key is sent none', async () => {
    upstream.next(answers(completion()));

    await call({ model: 'keyless-1' });

    expect((await upstream.attempt(0)).headers).not.toHaveProperty('authorization');
  });

  it('keep one connection for calls one after the other', async () => {
    upstream.always(answers(completion()));
    for (let count = 0; count < 5; count += 1) await call({ model: 'keyless-1' });
    const before = upstream.openSockets;

    for (let count = 0; count < 5; count += 1) await call({ model: 'keyless-1' });

    expect(upstream.openSockets).toBe(before);
  });
});
