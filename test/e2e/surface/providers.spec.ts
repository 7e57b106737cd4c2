import { describe, expect, it } from '@jest/globals';
import { ProviderStates } from '../../../src/chat/index.js';
import { testProvider } from '../../support/config.js';
import { eventually } from '../../support/eventually.js';
import { ADMIN_KEY, CLIENT_KEY, PROVIDER_KEY, scriptedProvider } from '../../support/gateway.js';
import { answers, refuses } from '../../support/upstream/behaviours.js';
import { completion } from '../../support/upstream/openai-answers.js';
import { MESSAGES, MODEL, Stage } from '../stage.js';

const BODY = { model: MODEL, messages: MESSAGES };

interface ProviderState {
  readonly name: string;
  readonly models: readonly string[];
  readonly health: string;
  readonly breaker: { readonly state: string; readonly models: readonly { readonly model: string; readonly state: string }[] };
  readonly recent: Record<string, number | null>;
  readonly last_error: { readonly kind: string; readonly at: string } | null;
}

async function statesOf(stage: Stage, path = '/v1/providers', key = CLIENT_KEY): Promise<readonly ProviderState[]> {
  const answer = await stage.raw({ path, headers: { authorization: `Bearer ${key}` } });
  expect(answer.status).toBe(200);
  const { object, data } = JSON.parse(answer.body.toString()) as { object: string; data: readonly ProviderState[] };
  expect(object).toBe('list');
  return data;
}

async function statusesOf(stage: Stage): Promise<{ readonly status: string; readonly providers: readonly object[] }> {
  const answer = await stage.raw({ path: '/v1/health' });
  return JSON.parse(answer.body.toString()) as { status: string; providers: readonly object[] };
}

async function metricsOf(stage: Stage): Promise<string> {
  return (await stage.raw({ path: '/metrics', headers: { authorization: `Bearer ${ADMIN_KEY}` } })).body.toString();
}

describe('the list of providers', () => {
  const stage = Stage.set({
    config: {
      providers: [
        scriptedProvider('http://user-name.example:1234/v1', { priority: 2, weight: 3, models: ['scripted*', 'gpt-one'] }),
        testProvider({ name: 'idle', enabled: false, models: ['nothing'], priority: 1 }),
        testProvider({ name: 'echo', priority: 1 }),
      ],
      models: [
        {
          name: 'fast',
          strategy: 'priority',
          targets: [{ provider: 'scripted', model: 'scripted-fast', weight: 1 }],
          onContextOverflow: [],
          onContentPolicy: [],
        },
      ],
    },
  });

  it.each(['/v1/providers', '/api/v1/providers', '/providers'])('has each of them in order of priority: %s', async (path) => {
    expect(await statesOf(stage, path)).toEqual([
      expect.objectContaining({ name: 'echo', type: 'echo', models: ['echo', 'echo-slow'], enabled: true, priority: 1, weight: 1 }),
      expect.objectContaining({
        name: 'scripted',
        type: 'openai-compatible',
        models: ['scripted*', 'gpt-one', 'scripted-fast'],
        enabled: true,
        priority: 2,
        weight: 3,
      }),
      expect.objectContaining({ name: 'idle', models: ['nothing'], enabled: false, health: 'disabled' }),
    ]);
  });

  it('knows nothing of one that nobody asked', async () => {
    expect((await statesOf(stage))[1]).toMatchObject({
      health: 'unknown',
      breaker: { state: 'closed', forced: null, models: [] },
      recent: { requests: 0, success_rate: null, avg_response_time: null, p50_response_time: null, p95_response_time: null },
      last_error: null,
    });
  });

  it('tells no key and no address', async () => {
    const text = JSON.stringify([await statesOf(stage), await statesOf(stage, '/v1/admin/providers', ADMIN_KEY), await statusesOf(stage)]);

    expect(text).not.toContain(PROVIDER_KEY);
    expect(text).not.toMatch(/https?:\/\/|user-name|1234/);
  });
});

describe('a provider that fails', () => {
  const stage = Stage.set({
    config: {
      retry: { maxAttempts: 1 },
      breaker: { consecutive: 3, minimumCalls: 100, windowMs: 60_000, openMs: 600_000 },
    },
  });

  it('is healthy, then degraded, then unhealthy with its breaker open', async () => {
    stage.upstream.always(answers(completion()));
    for (let count = 0; count < 4; count += 1) await stage.call(BODY);
    expect(await statesOf(stage)).toMatchObject([{ health: 'healthy', breaker: { state: 'closed', models: [] } }]);

    stage.upstream.always(refuses(500));
    await stage.call(BODY);
    expect(await statesOf(stage)).toMatchObject([{ health: 'degraded', last_error: { kind: 'upstream_unavailable' } }]);
    expect(await statusesOf(stage)).toMatchObject({ status: 'ok', providers: [{ name: 'scripted', status: 'degraded' }] });

    for (let count = 0; count < 2; count += 1) await stage.call(BODY);
    const [state] = await statesOf(stage);
    expect(state).toMatchObject({
      health: 'unhealthy',
      breaker: { state: 'open', forced: null, models: [{ model: MODEL, state: 'open', forced: null, retry_in_ms: expect.any(Number) }] },
      recent: { requests: 7, success_rate: 0.5714 },
    });
    expect(Math.abs(Date.parse(state!.last_error!.at) - Date.now())).toBeLessThan(60_000);
    expect(await statusesOf(stage)).toMatchObject({ status: 'degraded', providers: [{ name: 'scripted', status: 'unhealthy' }] });
  });

  it('is shown so among the metrics', async () => {
    const text = await metricsOf(stage);

    expect(text).toMatch(/^# TYPE tollgate_provider_up gauge$/m);
    expect(text).toMatch(/^tollgate_provider_up\{provider="scripted"\} 0$/m);
    expect(text).toMatch(new RegExp(`^tollgate_breaker_state\\{provider="scripted",model="${MODEL}"\\} 2$`, 'm'));
  });
});

describe('a provider that is probed', () => {
  const stage = Stage.set({ config: { health: { probeIntervalMs: 50 } } });
  /** Asked past HTTP, where whoever asks so often would be throttled. */
  const health = (): string => stage.gateway.app.get(ProviderStates, { strict: false }).get('scripted').health;

  it('is unhealthy while its probe fails, and its calls still go through', async () => {
    stage.upstream.always(answers({ object: 'list', data: [] }));
    await eventually(() => health() === 'healthy');

    stage.upstream.aside('/v1/models', refuses(401));
    await eventually(() => health() === 'unhealthy');

    stage.upstream.always(answers(completion()));
    expect((await stage.call(BODY)).status).toBe(200);
    expect((await statesOf(stage))[0]).toMatchObject({ health: 'unhealthy', breaker: { state: 'closed' } });
    expect(await statesOf(stage, '/v1/admin/providers', ADMIN_KEY)).toMatchObject([
      { probe: { up: false, at: expect.any(String), reason: 'HTTP 401' } },
    ]);

    stage.upstream.aside('/v1/models', answers({ object: 'list', data: [] }));
    await eventually(() => health() === 'healthy');
  });
});
