import { describe, expect, it } from '@jest/globals';
import { ADMIN_KEY, METRICS_TOKEN, scriptedProvider } from '../../support/gateway.js';
import { testProvider } from '../../support/config.js';
import { answers, refuses } from '../../support/upstream/behaviours.js';
import { completion } from '../../support/upstream/openai-answers.js';
import { MESSAGES, MODEL, Stage } from '../stage.js';

const BODY = { model: MODEL, messages: MESSAGES };
const NOTHING = { total_requests: 0, success_rate: null, avg_response_time: null, error_counts: {} };

interface Metrics {
  readonly providers: Record<string, { readonly total_requests: number; readonly avg_response_time: number | null }>;
}

describe('the metrics as JSON', () => {
  const stage = Stage.set({ config: { retry: { maxAttempts: 1 } } });

  async function read(path: string, headers: Record<string, string> = {}, key = METRICS_TOKEN): Promise<Metrics> {
    const answer = await stage.raw({ path, headers: { authorization: `Bearer ${key}`, ...headers } });
    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    return JSON.parse(answer.body.toString()) as Metrics;
  }

  it('have a provider that nobody asked, with zeros and without rates', async () => {
    expect(await read('/metrics.json')).toEqual({ providers: { scripted: NOTHING } });
  });

  it('count requests and errors by kind, and say how many were answered and how fast', async () => {
    stage.upstream.next(answers(completion()), answers(completion()), refuses(500), refuses(400));
    for (let count = 0; count < 4; count += 1) await stage.call(BODY);

    const { providers } = await read('/metrics.json');

    expect(providers['scripted']).toEqual({
      total_requests: 4,
      success_rate: 0.5,
      avg_response_time: expect.any(Number),
      error_counts: { upstream_unavailable: 1, upstream_rejected: 1 },
    });
    expect(providers['scripted']!.avg_response_time).toBeGreaterThan(0);
    expect(providers['scripted']!.avg_response_time).toBeLessThan(5);
  });

  it.each([{ accept: 'application/json' }, { accept: 'application/json, text/plain, */*' }])(
    'are what /metrics tells who asks for them: %j',
    async (headers) => {
      expect(await read('/metrics', headers)).toEqual(await read('/metrics.json'));
      expect(await read('/metrics', headers, ADMIN_KEY)).toHaveProperty('providers.scripted');
    },
  );

  it.each<Record<string, string>>([
    {},
    { accept: '*/*' },
    { accept: 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5,*/*;q=0.1' },
  ])('are not what a scraper gets: %j', async (headers) => {
    const answer = await stage.raw({ path: '/metrics', headers: { authorization: `Bearer ${METRICS_TOKEN}`, ...headers } });

    expect(answer.headers['content-type']).toMatch(/^text\/plain/);
    expect(answer.headers['vary']).toMatch(/accept/i);
    expect(answer.body.toString()).toMatch(/^tollgate_provider_up\{provider="scripted"\} 1$/m);
  });
});

describe('a call that was answered by the second provider', () => {
  const stage = Stage.set({
    config: {
      providers: [
        scriptedProvider('http://127.0.0.1:9/v1', { name: 'down' }),
        testProvider({ name: 'echo', priority: 2, models: [MODEL] }),
        testProvider({ name: 'idle', enabled: false }),
      ],
    },
  });

  it('is a request at each of them', async () => {
    expect((await stage.call(BODY)).status).toBe(200);

    const answer = await stage.raw({ path: '/metrics.json', headers: { authorization: `Bearer ${METRICS_TOKEN}` } });

    expect(JSON.parse(answer.body.toString())).toEqual({
      providers: {
        down: { total_requests: 1, success_rate: 0, avg_response_time: null, error_counts: { upstream_unavailable: 1 } },
        echo: { total_requests: 1, success_rate: 1, avg_response_time: expect.any(Number), error_counts: {} },
        idle: NOTHING,
      },
    });
  });
});
