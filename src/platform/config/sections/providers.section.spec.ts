import { describe, expect, it } from '@jest/globals';
import { configFrom, problemsIn } from '../../../../test/support/config-folder.js';

const inYaml = (content: string, env: Record<string, string> = {}) => ({ env, files: { 'tollgate.yaml': content } });

describe('providers', () => {
  it('are switched on by their key, with the defaults of their type', () => {
    const { providers } = configFrom({
      env: { OPENROUTER_API_KEY: 'k1', OPENAI_API_KEY: 'k2', OPENAI_API_BASE: 'http://127.0.0.1:9/v1/' },
    });

    expect(providers.map(({ name, baseUrl, apiKeys }) => [name, baseUrl, apiKeys.map((key) => key.reveal())])).toEqual([
      ['openai', 'http://127.0.0.1:9/v1', ['k2']],
      ['openrouter', 'https://openrouter.ai/api/v1', ['k1']],
    ]);
    expect(providers[0]).toMatchObject({
      type: 'openai',
      models: undefined,
      enabled: true,
      priority: 1,
      dialects: ['openai-chat', 'openai-responses', 'embeddings'],
      maxTokensField: undefined,
      timeouts: { connectMs: 2_000, firstTokenMs: 300_000, idleMs: 300_000, totalMs: 600_000 },
    });
  });

  it('are `echo` alone where there is none', () => {
    expect(configFrom({}).providers).toMatchObject([{ name: 'echo', type: 'echo', apiKeys: [], baseUrl: '' }]);
    expect(configFrom({}).defaultModel).toBe('echo');
    expect(configFrom({ env: { OPENAI_API_KEY: 'k' } }).providers.map(({ name }) => name)).toEqual(['openai']);
  });

  it('must exist in production, where echo is there only if the file lists it', () => {
    const env = { APP_ENV: 'production' };

    expect(problemsIn({ env })).toEqual([
      expect.stringMatching(/^No provider is configured\. Set OPENAI_API_KEY, .* or OLLAMA_BASE_URL, or/),
    ]);
    expect(configFrom(inYaml('providers: [{name: echo}]', env)).providers).toMatchObject([{ type: 'echo' }]);
  });

  it('take from the file what it says of them, key by key, and from the environment the rest', () => {
    const { providers } = configFrom(
      inYaml('providers: [{name: openai, models: [gpt-4o], timeouts: {idle_ms: 5}}]', { OPENAI_API_KEY: 'k' }),
    );

    expect(providers).toHaveLength(1);
    expect(providers[0]).toMatchObject({
      type: 'openai',
      baseUrl: 'https://api.openai.com/v1',
      models: ['gpt-4o'],
      timeouts: { idleMs: 5, totalMs: 600_000 },
    });
    expect(providers[0]?.apiKeys.map((key) => key.reveal())).toEqual(['k']);
  });

  it('are not there twice when the file gives the key to one of another name', () => {
    const env = { OPENAI_API_KEY: 'k' };

    expect(configFrom(inYaml('providers: [{name: main, type: openai}]', env)).providers.map(({ name }) => name)).toEqual(['main']);
    expect(
      configFrom(inYaml('providers: [{name: main, type: openai, api_key_env: OTHER}]', { ...env, OTHER: 'x' })).providers.map(
        ({ name }) => name,
      ),
    ).toEqual(['main', 'openai']);
  });

  it('do not lend their key to a server of the same name and another type', () => {
    const config = configFrom(
      inYaml('providers: [{name: openai, type: openai-compatible, base_url: "http://h/v1"}]', { OPENAI_API_KEY: 'k' }),
    );

    expect(config.providers).toMatchObject([{ name: 'openai', apiKeys: [] }]);
    expect(config.notices).toEqual(['OPENAI_API_KEY is set, but the provider openai of the configuration file does not use it.']);
  });

  it('of ollama need no key: their address switches them on', () => {
    const env = { OLLAMA_BASE_URL: 'http://gpu:11434/' };
    const names = (yaml: string) => configFrom(inYaml(yaml, env)).providers.map(({ name, baseUrl }) => [name, baseUrl]);

    expect(configFrom({ env }).providers).toMatchObject([
      { name: 'ollama', type: 'ollama', baseUrl: 'http://gpu:11434', apiKeys: [], dialects: ['ollama'] },
    ]);
    expect(names('providers: [{name: mine, type: ollama}]')).toEqual([['mine', 'http://gpu:11434']]);
    expect(names('providers: [{name: mine, type: ollama, base_url: "http://h"}]')).toEqual([
      ['mine', 'http://h'],
      ['ollama', 'http://gpu:11434'],
    ]);
    expect(configFrom(inYaml('providers: [{name: ollama}]')).providers).toMatchObject([{ baseUrl: 'http://localhost:11434' }]);
  });

  it('of ollama may have a key, for a server behind a door', () => {
    const { providers } = configFrom(inYaml('providers: [{name: ollama, api_key_env: DOOR_KEY}]', { DOOR_KEY: 'k' }));

    expect(providers[0]?.apiKeys.map((key) => key.reveal())).toEqual(['k']);
  });

  it('speak the dialects of their type, or those that the file lists, in its order', () => {
    const yaml = `providers:
  - {name: anthropic}
  - {name: deepseek}
  - {name: openrouter}
  - {name: ollama, dialects: [ollama, anthropic-messages, ollama], max_tokens_field: max_completion_tokens}
  - {name: echo}`;
    const env = { ANTHROPIC_API_KEY: 'a', DEEPSEEK_API_KEY: 'd', OPENROUTER_API_KEY: 'o' };

    const { providers } = configFrom(inYaml(yaml, env));

    expect(providers.map(({ dialects }) => dialects)).toEqual([
      ['anthropic-messages'],
      ['openai-chat'],
      ['openai-chat', 'embeddings'],
      ['ollama', 'anthropic-messages'],
      ['openai-chat', 'openai-responses', 'anthropic-messages', 'ollama', 'embeddings'],
    ]);
    expect(providers[3]).toMatchObject({ maxTokensField: 'max_completion_tokens' });
  });

  it('rotate several keys, each from its variable or its file', () => {
    const config = configFrom({
      env: { KEY_A: 'a', KEY_B_FILE: 'b' },
      files: { 'tollgate.yaml': 'providers: [{name: deepseek, api_keys_env: [KEY_A, KEY_B]}]', b: 'b\n' },
    });

    expect(config.providers[0]?.apiKeys.map((key) => key.reveal())).toEqual(['a', 'b']);
  });

  it('stand in order of priority', () => {
    const yaml = 'providers: [{name: echo, priority: 2}, {name: two, type: echo, priority: 0}, {name: three, type: echo}]';

    expect(configFrom(inYaml(yaml)).providers.map(({ name }) => name)).toEqual(['two', 'three', 'echo']);
  });

  it('need no key while they are disabled', () => {
    const config = configFrom(inYaml('providers: [{name: openai, enabled: false}]'));

    expect(config.providers).toMatchObject([{ name: 'openai', enabled: false, apiKeys: [] }]);
    expect(config.notices).toEqual(['Every provider is disabled: no model call can be answered.']);
  });

  it.each([
    ['{name: openai}', 'providers[0].api_key_env: the variable OPENAI_API_KEY is not set; put the key there, or set `enabled: false`'],
    ['{name: a, type: openai, api_key_env: abc123}', expect.stringContaining('the variable that it names is not set')],
    ['{name: a, type: openai-compatible}', 'providers[0].base_url: is missing; openai-compatible has no address of its own'],
    ['{name: a}', 'providers[0].type: is missing; expected openai, anthropic, deepseek, openrouter, ollama, openai-compatible, echo'],
    ['{name: echo, base_url: "http://h"}', 'providers[0].base_url: echo has none; remove it'],
    [
      '{name: claude, type: anthropic, enabled: false, dialects: [anthropic-messages, openai-chat, ollama]}, {name: echo}',
      'providers[0].dialects: openai-chat, ollama: the provider claude is of the type anthropic, which speaks anthropic-messages',
    ],
    [
      '{name: own, type: openai-compatible, base_url: "http://h", dialects: [ollama]}',
      'providers[0].dialects: ollama: the provider own is of the type openai-compatible, which speaks openai-chat, embeddings, openai-responses or anthropic-messages',
    ],
    ['{name: echo, headers: {Authorization: x}}', expect.stringContaining('providers[0].headers: authorization carries a secret')],
    ['{name: echo, headers: {Host: x}}', 'providers[0].headers: host is written by the gateway itself; remove it'],
    ['{name: echo, headers: {x-a: "a\\nb"}}', 'providers[0].headers: the value of x-a must be plain ASCII on one line'],
    ['{name: echo}, {name: echo}', 'providers[1].name: "echo" is taken by providers[0]; give it another, or remove one'],
  ])('%s is refused in one line', (entry, line) => {
    expect(problemsIn(inYaml(`providers: [${entry}]`))).toEqual([line]);
  });
});
