import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { eventually } from '../../support/eventually.js';
import { CLIENT_KEY, scriptedProvider, startGateway, type TestGateway } from '../../support/gateway.js';
import { refusedBaseUrl, ScriptedUpstream } from '../../support/upstream.js';
import { answers } from '../../support/upstream/behaviours.js';
import { completion } from '../../support/upstream/openai-answers.js';

/** One server of Ollama that is there, and one that is not. */
describe('models that are found by asking', () => {
  let upstream: ScriptedUpstream;
  let gateway: TestGateway;
  let openai: OpenAI;

  beforeAll(async () => {
    upstream = await ScriptedUpstream.start();
    upstream.next(answers({ models: [{ name: 'llama3.2:latest' }, { name: 'hf.co/vendor/qwen:Q4' }] }));
    upstream.always(answers(completion()));
    const ollama = { type: 'ollama', apiKeys: [], models: undefined, dialects: ['openai-chat'] } as const;
    gateway = await startGateway({
      providers: [
        scriptedProvider(upstream.baseUrl, { ...ollama, name: 'ollama' }),
        scriptedProvider(await refusedBaseUrl(), { ...ollama, name: 'away' }),
      ],
    });
    openai = new OpenAI({ baseURL: `${gateway.baseUrl}/v1`, apiKey: CLIENT_KEY, maxRetries: 0 });
    await eventually(() => gateway.logs.text.includes('models_discovered') && gateway.logs.text.includes('model_discovery_failed'));
  }, 30_000);
  afterAll(async () => {
    await gateway.stop();
    await upstream.stop();
  }, 30_000);

  it('are listed, free of charge', async () => {
    const { data } = await openai.models.list();

    expect(data.map(({ id }) => id)).toEqual(['llama3.2', 'llama3.2:latest', 'hf.co/vendor/qwen:Q4']);
    expect(data[0]).toMatchObject({ owned_by: 'ollama', pricing: { input: 0, output: 0 } });
  });

  it.each(['llama3.2', 'llama3.2:latest', 'hf.co/vendor/qwen:Q4'])('are reached by their bare name: %s', async (model) => {
    const asked = upstream.attempts.length;

    await openai.chat.completions.create({ model, messages: [{ role: 'user', content: 'Hello.' }] });

    expect([upstream.attempts[asked]?.path, upstream.attempts[asked]?.json.model]).toEqual(['/v1/chat/completions', model]);
  });

  it('leave a line each in the log: what was found, and who could not be asked', () => {
    const about = gateway.logs.lines.filter(({ event }) => String(event).includes('discover'));

    expect(about).toHaveLength(2);
    expect(about).toContainEqual(expect.objectContaining({ event: 'models_discovered', provider: 'ollama', models: 3 }));
    expect(about).toContainEqual(
      expect.objectContaining({ event: 'model_discovery_failed', provider: 'away', reason: expect.stringContaining('ECONNREFUSED') }),
    );
  });
});
