import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { configFrom, problemsIn } from '../../../../test/support/config-folder.js';

const inYaml = (content: string, env: Record<string, string> = {}) => ({ env, files: { 'tollgate.yaml': content } });
const provider = (fields: string) => `providers: [{name: local, type: openai-compatible, base_url: "http://h/v1", ${fields}}]`;

describe('the configuration file', () => {
  it.each([
    [provider('timeouts: {connect_ms: 2s}'), 'providers[0].timeouts.connect_ms: expected an integer ≥ 1, found "2s"'],
    [provider('timeouts: {connect_ms: 0}'), 'providers[0].timeouts.connect_ms: expected an integer ≥ 1, found 0'],
    [provider('timeouts: 5'), 'providers[0].timeouts: expected a mapping, found 5'],
    [provider('enabled: maybe'), 'providers[0].enabled: expected true or false, found "maybe"'],
    [provider('base_ur: x'), 'providers[0].base_ur: unknown key; did you mean base_url?'],
    [provider('models: []'), 'providers[0].models: expected a list of names, found an empty one'],
    [provider('models: [7]'), 'providers[0].models[0]: expected a text, found 7'],
    ['providers: [{type: echo}]', 'providers[0].name: is missing; expected a name of letters, digits, ".", "_" and "-"'],
    ['providers: {openai: {}}', 'providers: expected a list, found a mapping'],
    ['provider: []', 'provider: unknown key; did you mean providers?'],
    ['retry: {max_attempt: 3}', 'retry.max_attempt: unknown key; did you mean max_attempts?'],
    [
      'limits: {xyzzy: 1}',
      'limits.xyzzy: unknown key; known here are requests_per_minute, requests_per_hour, tokens_per_minute, concurrency',
    ],
    ['breaker: {failure_ratio: 2}', 'breaker.failure_ratio: expected a number from 0 to 1, found 2'],
    ['- providers', 'the configuration file: expected a mapping with keys such as providers, found a list'],
    ['routing: {prefixes: {"gpt-": 7}}', 'routing.prefixes["gpt-"]: expected a name of letters, digits, ".", "_" and "-", found 7'],
    [
      'providers: [{name: a, type: gemini}]',
      'providers[0].type: expected openai, anthropic, deepseek, openrouter, ollama, openai-compatible or echo, found "gemini"',
    ],
    [
      provider('dialects: [openai]'),
      'providers[0].dialects[0]: expected openai-chat, openai-responses, anthropic-messages, ollama or embeddings, found "openai"',
    ],
    [
      provider('max_tokens_field: max_output_tokens'),
      'providers[0].max_tokens_field: expected max_tokens or max_completion_tokens, found "max_output_tokens"',
    ],
  ])('%s is refused in one line', (yaml, line) => {
    expect(problemsIn(inYaml(yaml))).toEqual([line]);
  });

  it('says where it cannot be read as YAML, without repeating its text', () => {
    const lines = problemsIn(inYaml('limits: {a: 1\nproviders: [sk-very-secret'));

    expect(lines[0]).toMatch(/^tollgate\.yaml: line \d+, column \d+: \w+/);
    expect(lines.join()).not.toContain('secret');
  });

  it('is looked at entry by entry, so that one mistake does not hide another', () => {
    const yaml = `
providers:
  - {name: a, type: openai-compatible, base_url: http://h, prioriti: 1}
  - {name: b, type: openai, api_key_env: B_KEY}
prices: [{model: m, input: 1e-8, output: 1}]`;

    expect(problemsIn(inYaml(yaml))).toEqual([
      'providers[0].prioriti: unknown key; did you mean priority?',
      'providers[1].api_key_env: the variable B_KEY is not set; put the key there, or set `enabled: false`',
      expect.stringMatching(/^prices\[0\]\.input: finer than a price can be/),
    ]);
  });

  it('may be empty, and keys with nothing behind them are unset', () => {
    expect(configFrom(inYaml('')).providers[0]?.type).toBe('echo');
    expect(configFrom(inYaml('providers:\nlimits:\n  requests_per_minute:\n')).limits.requestsPerMinute).toBe(60);
  });

  it('is the one that TOLLGATE_CONFIG names, which must then exist', () => {
    const files = {
      'etc/mine.yaml': 'limits: {requests_per_minute: 5}\ntemplates: ./t',
      'tollgate.yaml': 'limits: {requests_per_minute: 6}',
    };

    const config = configFrom({ env: { TOLLGATE_CONFIG: 'etc/mine.yaml' }, files });
    expect(config.limits.requestsPerMinute).toBe(5);
    expect(config.templatesDir).toMatch(/\/etc\/t$/);
    expect(problemsIn({ env: { TOLLGATE_CONFIG: 'no.yaml' }, files })).toEqual([
      expect.stringMatching(/^TOLLGATE_CONFIG: cannot read .*no\.yaml \(ENOENT\)$/),
    ]);
  });

  it('gives way to variables', () => {
    const { limits } = configFrom(inYaml('limits: {requests_per_minute: 5, requests_per_hour: 6}', { MAX_REQUESTS_PER_HOUR: '7' }));

    expect(limits).toMatchObject({ requestsPerMinute: 5, requestsPerHour: 7 });
  });

  it('names what is right but does nothing yet', () => {
    const yaml = `
providers: [{name: e, type: echo, weight: 2, trust_unknown: true, dialects: [openai-chat, openai-responses]}]
models: [{name: m, strategy: weighted, targets: [{provider: e, model: x, weight: 2}], on_content_policy: [{provider: e, model: y}]}]
retry: {max_attempts: 2}
breaker: {slow_call_ms: 0}
cache: {mode: all}
limits: {tokens_per_minute: 5}`;

    expect(configFrom(inYaml(yaml)).notices).toEqual(['cache is set, but this version does nothing with it yet.']);
  });

  it('keeps prices as they are written, digit by digit', () => {
    const yaml = `
prices:
  - {model: a, input: 0.50, output: 1.50, per: 1000000}
  - {model: b, input: "0.123456", output: 1e1, cache_read: 0.000001, per: 1000000}
  - {model: c, input: 999.123456789012, output: 0, per: 1}`;

    expect(configFrom(inYaml(yaml)).prices).toEqual([
      { model: 'a', inputPicoUsd: 500_000n, outputPicoUsd: 1_500_000n, cacheReadPicoUsd: undefined, cacheWritePicoUsd: undefined },
      { model: 'b', inputPicoUsd: 123_456n, outputPicoUsd: 10_000_000n, cacheReadPicoUsd: 1n, cacheWritePicoUsd: undefined },
      { model: 'c', inputPicoUsd: 999_123_456_789_012n, outputPicoUsd: 0n, cacheReadPicoUsd: undefined, cacheWritePicoUsd: undefined },
    ]);
  });

  it('has an example that loads without a word', () => {
    const env = { OPENAI_API_KEY: 'sk-0123456789', ANTHROPIC_API_KEY: 'sk-ant-0123456789' };
    const config = configFrom(inYaml(readFileSync('tollgate.example.yaml', 'utf8'), env));

    expect(config.providers.map(({ name }) => name)).toEqual(['openai', 'anthropic', 'local', 'spare']);
    expect([config.notices, config.deprecations]).toEqual([[], []]);
  });
});

describe('config.yaml of older systems', () => {
  const old =
    'providers:\n  - {name: openai, type: openai, api_key_env: MY_KEY, base_url: "https://o.example/v1", models: [gpt-4o], enabled: true, priority: 1}\n';

  it('loads as it is, with one line', () => {
    const config = configFrom({ env: { MY_KEY: 'sk-0123456789' }, files: { 'config.yaml': old } });

    expect(config.providers).toMatchObject([
      { name: 'openai', baseUrl: 'https://o.example/v1', models: ['gpt-4o'], enabled: true, priority: 1 },
    ]);
    expect(config.deprecations).toEqual(['config.yaml is an old name: call the file tollgate.yaml.']);
  });

  it('is left alone beside a tollgate.yaml, and when it is another program’s', () => {
    expect(configFrom({ files: { 'config.yaml': old, 'tollgate.yaml': '' } }).deprecations).toEqual([]);
    expect(configFrom({ files: { 'config.yaml': 'other: true' } }).notices).toEqual([
      'config.yaml is not read, as it has no `providers`. If it is meant for Tollgate, call it tollgate.yaml.',
    ]);
  });
});
