import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { z } from 'zod';
import { CLIENT_KEY, startGateway, type TestGateway } from '../../support/gateway.js';

const BODY = { model: 'echo', messages: [{ role: 'user' as const, content: 'Grüße an 世界, dear reader!' }] };
const CITY = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };

/** What a newcomer has before any account: the pretend model must satisfy the client of OpenAI in all it does. */
describe('the echo provider', () => {
  let gateway: TestGateway;
  let openai: OpenAI;

  beforeAll(async () => {
    gateway = await startGateway();
    openai = new OpenAI({ baseURL: `${gateway.baseUrl}/v1`, apiKey: CLIENT_KEY, maxRetries: 0 });
  }, 30_000);
  afterAll(() => gateway.stop(), 30_000);

  it('says the same each time, plainly and streamed', async () => {
    const first = await openai.chat.completions.create(BODY);
    const again = await openai.chat.completions.create(BODY);
    const streamed = await openai.chat.completions.stream(BODY).finalMessage();

    expect(first.choices[0]?.message.content).toContain('世界');
    expect(again.choices).toEqual(first.choices);
    expect(streamed.content).toBe(first.choices[0]?.message.content);
  });

  it('reports its usage, which costs nothing', async () => {
    const stream = openai.chat.completions.stream(
      { ...BODY, stream_options: { include_usage: true } },
      { headers: { 'x-request-id': 'echo-usage' } },
    );

    const { usage } = await stream.finalChatCompletion();

    expect(usage?.total_tokens).toBe((usage?.prompt_tokens ?? 0) + (usage?.completion_tokens ?? 0));
    expect(await gateway.ledger.row('echo-usage')).toMatchObject({
      provider: 'echo',
      usage_source: 'provider',
      input_tokens: usage?.prompt_tokens,
      output_tokens: usage?.completion_tokens,
      cost_nano_usd: '0',
      price_version: expect.any(String),
    });
  });

  it('goes through the loop of tools', async () => {
    const asked: string[] = [];
    const weather = (city: string): string => {
      asked.push(city);
      return `sunny in ${city}`;
    };
    const tool = {
      name: 'get_weather',
      description: '',
      parameters: CITY,
      parse: JSON.parse as () => { city: string },
      function: ({ city }: { city: string }) => weather(city),
    };

    const runner = openai.chat.completions.runTools({ ...BODY, tools: [{ type: 'function', function: tool }] });

    expect(await runner.finalContent()).toContain('sunny');
    expect(asked).toHaveLength(1);
  });

  it('fits its answer into a schema', async () => {
    const format = zodResponseFormat(z.object({ name: z.string(), tags: z.array(z.string()), size: z.number() }), 'thing');

    const answer = await openai.chat.completions.parse({ ...BODY, response_format: format });

    expect(answer.choices[0]?.message.parsed).toMatchObject({ name: expect.any(String), size: expect.any(Number) });
  });

  it('answers as often as it is asked, and stops where it is told', async () => {
    const answer = await openai.chat.completions.create({ ...BODY, n: 3, max_completion_tokens: 2 });

    expect(answer.choices.map(({ index, finish_reason }) => [index, finish_reason])).toEqual([0, 1, 2].map((index) => [index, 'length']));
  });

  it('can be abandoned in the middle', async () => {
    const controller = new AbortController();
    const options = { signal: controller.signal, headers: { 'x-request-id': 'echo-left' } };
    const stream = await openai.chat.completions.create({ ...BODY, model: 'echo-slow', stream: true }, options);

    await stream[Symbol.asyncIterator]().next();
    controller.abort();

    expect(await gateway.ledger.row('echo-left')).toMatchObject({ ending: 'client_gone', usage_source: 'counted' });
  });
});
