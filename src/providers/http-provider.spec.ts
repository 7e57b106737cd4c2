import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { inspect } from 'node:util';
import { testProvider } from '../../test/support/config.js';
import { type Attempt, ScriptedUpstream } from '../../test/support/upstream.js';
import { answers, hangs } from '../../test/support/upstream/behaviours.js';
import { accountFingerprint } from '../core/account-fingerprint.js';
import { GatewayError } from '../core/errors.js';
import type { Endpoint, UpstreamHandler, UpstreamRequest } from '../core/provider.js';
import { type ProviderConfig, Secret } from '../platform/index.js';
import { DECLARATIONS } from './declarations.js';
import { HttpProvider } from './http-provider.js';

type HttpType = keyof typeof DECLARATIONS;

describe('HttpProvider', () => {
  let upstream: ScriptedUpstream;
  let opened: HttpProvider[] = [];
  const clock = { ms: 0, now: () => clock.ms, elapsed: () => clock.ms };

  beforeAll(async () => {
    upstream = await ScriptedUpstream.start();
  });
  beforeEach(() => {
    upstream.forget();
    upstream.always(answers({ ok: true }));
  });
  afterEach(async () => {
    await Promise.all(opened.map((provider) => provider.close()));
    opened = [];
  });
  afterAll(() => upstream.stop());

  function open(type: HttpType, config: Partial<ProviderConfig> = {}): HttpProvider {
    const provider = new HttpProvider(
      testProvider({ name: type, type, baseUrl: upstream.baseUrl, apiKeys: [new Secret('key-1')], ...config }),
      DECLARATIONS[type],
      clock,
    );
    opened.push(provider);
    return provider;
  }

  async function ask(provider: HttpProvider, endpoint: Endpoint, more: Partial<UpstreamRequest> = {}): Promise<Attempt> {
    const { length } = upstream.attempts;
    await send(provider, { endpoint, headers: {}, model: 'm', stream: false, body: Buffer.from('{"a":1}'), ...more });
    return upstream.attempt(length);
  }

  it.each<[HttpType, Endpoint, string]>([
    ['openai', 'openai-chat', '/v1/chat/completions'],
    ['openai', 'openai-responses', '/v1/responses'],
    ['openai', 'embeddings', '/v1/embeddings'],
    ['anthropic', 'anthropic-messages', '/v1/messages'],
    ['anthropic', 'anthropic-count-tokens', '/v1/messages/count_tokens'],
    ['deepseek', 'openai-chat', '/v1/chat/completions'],
    ['openrouter', 'anthropic-messages', '/v1/messages'],
    ['openai-compatible', 'embeddings', '/v1/embeddings'],
    ['ollama', 'ollama-chat', '/api/chat'],
    ['ollama', 'ollama-embed', '/api/embed'],
    ['ollama', 'openai-chat', '/v1/chat/completions'],
    ['ollama', 'openai-responses', '/v1/responses'],
    ['ollama', 'anthropic-messages', '/v1/messages'],
    ['ollama', 'embeddings', '/v1/embeddings'],
  ])('asks %s for %s at %s, the body as it is', async (type, endpoint, path) => {
    const attempt = await ask(open(type), endpoint);

    expect([attempt.method, attempt.path, attempt.body.toString()]).toEqual(['POST', path, '{"a":1}']);
  });

  it.each([
    ['', '/v1/messages'],
    ['/v1', '/v1/messages'],
    ['/anthropic', '/anthropic/v1/messages'],
    ['/anthropic/v1', '/anthropic/v1/messages'],
  ])('finds Anthropic at an address with the path "%s"', async (path, asked) => {
    const baseUrl = new URL(upstream.baseUrl).origin + path;

    expect((await ask(open('anthropic', { baseUrl }), 'anthropic-messages')).path).toBe(asked);
  });

  it('refuses what a server has no path for, and says so beforehand', () => {
    const ollama = open('ollama');

    expect(ollama.endpoints.has('anthropic-count-tokens')).toBe(false);
    expect(() => ollama.send({ ...REQUEST, endpoint: 'anthropic-count-tokens' }, IGNORING)).toThrow('has no such API');
    expect(upstream.attempts).toEqual([]);
  });

  it('sends the key as each wants it, in turn where there are several, and none where there is none', async () => {
    const openai = open('openai', { apiKeys: [new Secret('key-1'), new Secret('key-2')] });
    const ollama = open('ollama', { apiKeys: [] });

    const keys = [
      await ask(openai, 'openai-chat'),
      await ask(openai, 'embeddings'),
      await ask(openai, 'openai-chat', { stream: true }),
      await ask(open('ollama'), 'ollama-chat'),
    ].map((attempt) => attempt.apiKey);
    const { headers: anthropic } = await ask(open('anthropic'), 'anthropic-messages');
    const { headers: keyless } = await ask(ollama, 'ollama-chat');

    expect(keys).toEqual(['key-1', 'key-2', 'key-1', 'key-1']);
    expect([anthropic['x-api-key'], anthropic.authorization]).toEqual(['key-1', undefined]);
    expect([keyless['x-api-key'], keyless.authorization]).toEqual([undefined, undefined]);
  });

  describe('with several keys', () => {
    const twoKeys = { apiKeys: [new Secret('key-1'), new Secret('key-2')] };
    const refused = new GatewayError('upstream_unavailable', 'no', { account: 'refused', status: 401 });

    it('lets one rest that is refused, until its rest is over', async () => {
      const openai = open('openai', twoKeys);
      const asked: (string | undefined)[] = [];
      const askTwice = async (): Promise<void> => {
        for (const endpoint of ['openai-chat', 'embeddings'] as const) asked.push((await ask(openai, endpoint)).apiKey);
      };

      openai.rest(accountFingerprint('key-1'), 'm', refused);
      const awake = openai.awake('m');
      await askTwice();
      clock.ms += 60_000;
      await askTwice();

      expect([awake, openai.awake('m')]).toEqual([1, 2]);
      expect(asked).toEqual(['key-2', 'key-2', 'key-1', 'key-2']);
    });

    it('asks with the very one that is asked for, even if it rests', async () => {
      const openai = open('openai', twoKeys);
      const account = accountFingerprint('key-1');
      openai.rest(account, 'm', refused);

      expect((await ask(openai, 'openai-chat', { account })).apiKey).toBe('key-1');
      expect(() => openai.send({ ...REQUEST, account: 'gone' }, IGNORING)).toThrow('no longer configured');
    });

    it('says which one it asked with', async () => {
      const openai = open('openai', twoKeys);

      expect([openai.send(REQUEST, IGNORING), openai.send(REQUEST, IGNORING)]).toEqual(
        ['key-1', 'key-2'].map((key) => accountFingerprint(key)),
      );
      await upstream.attempt(1);
    });
  });

  it.each<[HttpType, Endpoint, string]>([
    ['openai', 'openai-chat', 'text/event-stream'],
    ['anthropic', 'anthropic-messages', 'text/event-stream'],
    ['ollama', 'ollama-chat', 'application/x-ndjson'],
  ])('asks %s for JSON, and for a stream in the form that %s has', async (type, endpoint, streamType) => {
    const provider = open(type);

    const plain = await ask(provider, endpoint);
    const stream = await ask(provider, endpoint, { stream: true });

    expect([plain.headers.accept, stream.headers.accept]).toEqual(['application/json', streamType]);
    expect(plain.headers).toMatchObject({ 'content-type': 'application/json', 'accept-encoding': 'identity' });
  });

  it('sends the headers of the account, and those of the type', async () => {
    const { headers } = await ask(open('openrouter', { headers: { 'x-team': 'platform' } }), 'openai-chat');

    expect(headers).toMatchObject({ 'x-team': 'platform', 'x-title': 'Tollgate' });
  });

  describe('to an API of Anthropic’s', () => {
    const client = { 'anthropic-version': '2026-10-21', 'anthropic-beta': 'effort-2025-11-24, interleaved-thinking-2025-05-14' };

    it('names the version that takes sampling settings unless the client’s body is in another', async () => {
      const anthropic = open('anthropic');

      const usual = await ask(anthropic, 'anthropic-messages');
      const relayed = await ask(anthropic, 'anthropic-messages', { headers: client });
      const counted = await ask(anthropic, 'anthropic-count-tokens', { headers: { 'anthropic-version': '2026-10-21' } });

      expect(usual.headers).toMatchObject({ 'anthropic-version': '2023-06-01' });
      expect(usual.headers['anthropic-beta']).toBeUndefined();
      expect(relayed.headers).toMatchObject({ 'anthropic-version': '2026-10-21', 'x-api-key': 'key-1' });
      expect(relayed.headers['anthropic-beta']).toBe('effort-2025-11-24,interleaved-thinking-2025-05-14');
      expect(counted.headers['anthropic-version']).toBe('2026-10-21');
    });

    it('asks for the client’s betas besides the account’s own, each once', async () => {
      const own = { 'anthropic-version': '2024-01-01', 'anthropic-beta': 'files-api-2025-04-14,effort-2025-11-24' };
      const anthropic = open('anthropic', { headers: own });

      const { headers } = await ask(anthropic, 'anthropic-messages', { headers: client });
      const { headers: usual } = await ask(anthropic, 'anthropic-messages');

      expect(headers['anthropic-beta']).toBe('files-api-2025-04-14,effort-2025-11-24,interleaved-thinking-2025-05-14');
      expect(usual).toMatchObject(own);
    });

    it('does so at whatever server has it', async () => {
      const { headers } = await ask(open('ollama'), 'anthropic-messages', { headers: client });
      const { headers: usual } = await ask(open('openai-compatible'), 'anthropic-messages');

      expect(headers).toMatchObject({ 'anthropic-version': '2026-10-21', authorization: 'Bearer key-1' });
      expect(usual).toMatchObject({ 'anthropic-version': '2023-06-01' });
    });

    it('lets through nothing else of the client’s, and nothing at all to another API', async () => {
      const headers = { ...client, authorization: 'Bearer mine', 'x-api-key': 'mine', host: 'elsewhere' };

      const relayed = await ask(open('anthropic'), 'anthropic-messages', { headers });
      const other = await ask(open('openai'), 'openai-chat', { headers });

      expect(relayed.headers).toMatchObject({ 'x-api-key': 'key-1', host: new URL(upstream.baseUrl).host });
      expect(relayed.headers.authorization).toBeUndefined();
      expect(other.headers).toMatchObject({ authorization: 'Bearer key-1' });
      expect([other.headers['anthropic-version'], other.headers['anthropic-beta'], other.headers['x-api-key']]).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
    });
  });

  it('names the field of a limit as its type does, or as it is told', () => {
    expect(open('openai').maxTokensField).toBe('max_completion_tokens');
    expect(open('openai', { maxTokensField: 'max_tokens' }).maxTokensField).toBe('max_tokens');
    expect(open('openai-compatible').maxTokensField).toBe('max_tokens');
  });

  it('shows its keys to no log, and to nobody in the words of the provider', () => {
    const provider = open('anthropic');

    expect(inspect(provider, { depth: 9, showHidden: true })).not.toContain('key-1');
    expect(provider.conceal('invalid key-1')).toBe('invalid ***');
  });

  describe('that is asked for its models', () => {
    const TAGS = { models: [{ name: 'llama3.2:latest', size: 1 }, { name: 'gpt-oss:20b' }] };
    const NAMES = ['llama3.2', 'llama3.2:latest', 'gpt-oss:20b'];

    /** What it reports first. */
    const discover = (provider: HttpProvider): Promise<readonly string[] | string> =>
      new Promise((resolve) => provider.discover({ found: resolve, failed: (error) => resolve(String(error)) }));

    it('is Ollama, with its key and headers', async () => {
      upstream.next(answers(TAGS));
      const ollama = open('ollama', { headers: { 'x-team': 'platform' } });
      expect(ollama.discovered()).toEqual([]);

      expect(await discover(ollama)).toEqual(NAMES);

      expect(ollama.discovered()).toEqual(NAMES);
      const [attempt] = upstream.attempts;
      expect([attempt?.method, attempt?.path, attempt?.apiKey, attempt?.headers['x-team']]).toEqual([
        'GET',
        '/api/tags',
        'key-1',
        'platform',
      ]);
    });

    it.each([
      ['an error', answers({ error: 'no' }, 500), 'Error: HTTP 500 instead of a list of models'],
      ['a page', answers('<html>', 200, { 'content-type': 'text/html' }), 'Error: an answer that is no list of models'],
      ['another list', answers({ models: ['llama'] }), 'Error: an answer that is no list of models'],
    ])('says so where it answers with %s', async (_, behaviour, reason) => {
      upstream.next(behaviour);
      const ollama = open('ollama');

      expect(await discover(ollama)).toBe(reason);
      expect(ollama.discovered()).toEqual([]);
    });

    it('gives up asking when it is closed', async () => {
      upstream.next(hangs);
      const ollama = open('ollama');
      ollama.discover({ found: () => undefined, failed: () => undefined });
      const attempt = await upstream.attempt(0);

      await ollama.close();
      opened = [];

      expect((await attempt.closed).wholeAnswer).toBe(false);
    });

    it('is no other', async () => {
      const openai = open('openai');
      openai.discover({ found: () => undefined, failed: () => undefined });
      await ask(openai, 'openai-chat');

      expect(openai.discovered()).toEqual([]);
      expect(upstream.attempts.map(({ path }) => path)).toEqual(['/v1/chat/completions']);
    });
  });
});

const REQUEST: UpstreamRequest = { endpoint: 'openai-chat', headers: {}, model: 'm', stream: false, body: Buffer.from('{}') };

const IGNORING: UpstreamHandler = {
  onRequestStart: () => undefined,
  onResponseStart: () => undefined,
  onResponseData: () => undefined,
  onResponseEnd: () => undefined,
  onResponseError: () => undefined,
};

/** Resolves when the whole answer has come. */
function send(provider: HttpProvider, request: UpstreamRequest): Promise<void> {
  return new Promise((resolve, reject) => {
    provider.send(request, { ...IGNORING, onResponseEnd: () => resolve(), onResponseError: (_, error) => reject(error) });
  });
}
