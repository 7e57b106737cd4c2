import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { testConfig, testProvider } from '../../test/support/config.js';
import { ScriptedUpstream } from '../../test/support/upstream.js';
import { answers, cuts, hangs, refuses } from '../../test/support/upstream/behaviours.js';
import type { Provider, UpstreamControl, UpstreamHandler } from '../core/provider.js';
import { type ProviderConfig, Secret } from '../platform/index.js';
import { ActiveProbes } from './active-probes.js';
import { DECLARATIONS } from './declarations.js';
import { EchoProvider } from './echo/echo-provider.js';
import { HttpProvider } from './http-provider.js';

type HttpType = keyof typeof DECLARATIONS;

const KEY = 'sk-secret-key';
const NOW = 1_800_000_000_000;
const NOBODY: UpstreamHandler = {
  onRequestStart: () => undefined,
  onResponseStart: () => undefined,
  onResponseData: () => undefined,
  onResponseEnd: () => undefined,
  onResponseError: () => undefined,
};
const clock = { now: () => NOW, elapsed: () => 0 };

describe('active probes', () => {
  let upstream: ScriptedUpstream;
  const providers = new Map<string, Provider>();
  const logged: { readonly level: string; readonly line: Record<string, unknown> }[] = [];

  beforeAll(async () => {
    upstream = await ScriptedUpstream.start();
  });
  beforeEach(() => {
    upstream.forget();
    upstream.always(answers({ data: [] }));
  });
  afterEach(async () => {
    await Promise.all([...providers.values()].map((provider) => provider.close()));
    providers.clear();
    logged.length = 0;
  });
  afterAll(() => upstream.stop());

  function open(type: HttpType = 'openai', config: Partial<ProviderConfig> = {}): void {
    const settings = testProvider({ name: type, type, baseUrl: upstream.baseUrl, apiKeys: [new Secret(KEY)], ...config });
    providers.set(settings.name, new HttpProvider(settings, DECLARATIONS[type], clock));
  }

  function probes(): ActiveProbes {
    const note =
      (level: string) =>
      (line: Record<string, unknown>): void =>
        void logged.push({ level, line });
    return new ActiveProbes(providers, testConfig(), clock, { info: note('info'), warn: note('warn') } as never);
  }

  it.each<[HttpType, string, Record<string, string>]>([
    ['openai', '/v1/models', { authorization: `Bearer ${KEY}` }],
    ['anthropic', '/v1/models?limit=1', { 'x-api-key': KEY, 'anthropic-version': '2023-06-01' }],
    ['deepseek', '/v1/models', { authorization: `Bearer ${KEY}` }],
    ['openrouter', '/v1/key', { authorization: `Bearer ${KEY}` }],
    ['ollama', '/api/tags', { authorization: `Bearer ${KEY}` }],
    ['openai-compatible', '/v1/models', { authorization: `Bearer ${KEY}` }],
  ])('ask %s for what costs nothing', async (type, path, headers) => {
    open(type);

    await probes().look();

    expect(upstream.attempts).toHaveLength(1);
    expect(upstream.attempts[0]).toMatchObject({ method: 'GET', path, headers });
  });

  it('find a provider that answers up, whatever it thinks of the question', async () => {
    open();
    const looked = probes();

    for (const behaviour of [answers({ data: [] }), refuses(404), refuses(429)]) {
      upstream.next(behaviour);
      await looked.look();
      expect(looked.latest('openai')).toEqual({ isUp: true, at: NOW, reason: undefined });
    }
  });

  it.each([
    ['is broken', refuses(500), 'HTTP 500'],
    ['does not know the key', refuses(401, { message: `no such key: ${KEY}` }), 'HTTP 401'],
    ['wants to be paid', refuses(402), 'HTTP 402'],
    ['hangs up', cuts, 'UND_ERR_SOCKET'],
  ])('find one down that %s', async (_, behaviour, reason) => {
    open();
    upstream.always(behaviour);
    const looked = probes();

    await looked.look();

    expect(looked.latest('openai')).toEqual({ isUp: false, at: NOW, reason });
  });

  it('say no address of one that cannot be reached', async () => {
    open('openai', { baseUrl: 'http://127.0.0.1:9/v1' });
    const looked = probes();

    await looked.look();

    expect(looked.latest('openai')).toEqual({ isUp: false, at: NOW, reason: 'ECONNREFUSED' });
  });

  it('find one up as long as one of its keys is welcome', async () => {
    open('openai', { apiKeys: [new Secret('sk-revoked'), new Secret('sk-fine')] });
    const looked = probes();
    upstream.next(refuses(401), answers({ data: [] }));
    await looked.look();
    expect(looked.latest('openai')?.isUp).toBe(true);

    upstream.next(refuses(401), refuses(403));
    await looked.look();
    expect(looked.latest('openai')).toMatchObject({ isUp: false, reason: 'HTTP 403 with each of its 2 keys' });
  });

  it('do not wait for a provider that has as many calls in hand as it may', async () => {
    open('openai', { maxConcurrency: 1 });
    upstream.next(hangs);
    const request = { endpoint: 'openai-chat', headers: {}, model: 'm', stream: true, body: Buffer.from('{}') } as const;
    let call: UpstreamControl | undefined;
    providers.get('openai')!.send(request, { ...NOBODY, onRequestStart: (control) => void (call = control) });
    await upstream.attempt(0);
    const looked = probes();

    await looked.look();

    expect(looked.latest('openai')?.isUp).toBe(true);
    call!.abort(new Error('enough'));
  });

  it('write a change to the log once', async () => {
    open();
    const looked = probes();
    for (const behaviour of [answers({}), refuses(500), refuses(503), answers({}), answers({})]) {
      upstream.next(behaviour);
      await looked.look();
    }

    expect(logged).toEqual([
      { level: 'warn', line: { event: 'provider_probe_failed', provider: 'openai', reason: 'HTTP 500' } },
      { level: 'info', line: { event: 'provider_probe_succeeded', provider: 'openai' } },
    ]);
  });

  it('know nothing of what is no server, and forget what is configured no longer', async () => {
    providers.set('echo', new EchoProvider(testProvider(), clock));
    open();
    const looked = probes();
    await looked.look();
    expect([looked.latest('echo'), looked.latest('openai')?.isUp]).toEqual([undefined, true]);

    const gone = providers.get('openai')!;
    providers.delete('openai');
    await looked.look();

    expect(looked.latest('openai')).toBeUndefined();
    await gone.close();
  });
});
