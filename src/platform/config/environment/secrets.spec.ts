import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { configFrom, problemsIn } from '../../../../test/support/config-folder.js';

const SECRETS = [
  'DATABASE_URL',
  'REDIS_URL',
  'API_KEYS',
  'ADMIN_API_KEYS',
  'METRICS_TOKEN',
  'JWT_SECRET',
  'OPENAI_API_KEY',
  'TOLLGATE_SECRET_KEYS',
];

describe('secrets', () => {
  it('come from a file as well, without the newline at its end', () => {
    const config = configFrom({
      env: { OPENAI_API_KEY_FILE: 'run/openai', API_KEYS_FILE: 'run/keys' },
      files: { 'run/openai': 'sk-from-a-file\n', 'run/keys': 'web=0123456789abcdef\nbatch=0123456789abcdeg\n' },
    });

    expect(config.providers[0]?.apiKeys[0]?.reveal()).toBe('sk-from-a-file');
    expect(config.keys.clients.map(({ name }) => name)).toEqual(['web', 'batch']);
  });

  it('come from one place only, and from a file that can be read', () => {
    expect(problemsIn({ env: { METRICS_TOKEN: 'token-token', METRICS_TOKEN_FILE: 'x' } })).toEqual([
      'METRICS_TOKEN: METRICS_TOKEN_FILE is set too; keep one of them',
    ]);
    expect(problemsIn({ env: { METRICS_TOKEN_FILE: 'x' } })).toEqual([
      expect.stringMatching(/^METRICS_TOKEN_FILE: cannot read .*x \(ENOENT\)$/),
    ]);
    expect(problemsIn({ env: { METRICS_TOKEN_FILE: 'x' }, files: { x: '\n' } })).toEqual(['METRICS_TOKEN_FILE: the file x is empty']);
  });

  it('are all that is read from files', () => {
    const config = configFrom({ env: { PORT_FILE: 'port' }, files: { port: '9000' } });

    expect(config.http.port).toBe(8000);
    expect(config.notices).toEqual(['PORT_FILE is ignored: only secrets are read from files. Set PORT itself.']);
  });

  it('stand in no error, whatever is wrong with them and wherever they were put', () => {
    const word = fc.stringMatching(/^[A-Za-z0-9]{12,24}$/).map((text) => `Zq${text}`);
    fc.assert(
      fc.property(word, fc.constantFrom(...SECRETS), fc.constantFrom('', ' spaced', '\u00e9', '@host?x=1'), (secret, name, tail) => {
        const yaml = `providers:
  - {name: a, type: openai-compatible, base_url: "https://u:${secret}@h/v1", headers: {authorization: "${secret}", x-b: {c: "${secret}"}}}
  - {name: b, type: openai, api_key: "${secret}", api_key_env: "${secret}", timeouts: {connect_ms: 1s}}
  - {name: c, type: openai, api_key_env: "sk-${secret}"}
limits: {token: "${secret}", concurrency: x}`;
        const lines = problemsIn({
          env: { [name]: secret + tail, PORT: `sk-${secret}`, OPENAI_API_BASE: `http://${secret}@h` },
          files: { 'tollgate.yaml': yaml },
        });

        expect(lines.length).toBeGreaterThan(5);
        expect(lines.join('\n')).not.toContain(secret);
      }),
      { numRuns: 60 },
    );
  });

  it('do not blot out a word that is only the name of a key', () => {
    expect(problemsIn({ env: { API_KEYS: 'production=0123456789abcdef', APP_ENV: 'prod' } })).toEqual([
      'APP_ENV: expected development, test, staging or production, found "prod"',
    ]);
  });

  it('do not show when the configuration is printed', () => {
    const key = 'a-key-of-some-length';
    const config = configFrom({
      env: {
        OPENAI_API_KEY: key,
        API_KEYS: `x=${key}`,
        ADMIN_API_KEYS: `${key}-2`,
        METRICS_TOKEN: key,
        DATABASE_URL: `postgres://u:${key}@h/d`,
      },
    });

    const printed =
      inspect(config, { depth: 9, showHidden: true }) +
      JSON.stringify(config, (_, value: unknown) => (typeof value === 'bigint' ? 0 : value));
    expect(printed).not.toContain(key);
    expect(printed).toContain('***');
  });
});

describe('static keys', () => {
  it('have a name of their own, or are called by their place', () => {
    const { clients, admins } = configFrom({
      env: { API_KEYS: 'ci=0123456789abcdef, plain-key-with-enough ,short=key,', ADMIN_API_KEYS: 'UPPER=0123456789abcdef' },
    }).keys;

    expect([...clients, ...admins].map(({ name, key }) => [name, key.reveal()])).toEqual([
      ['ci', '0123456789abcdef'],
      ['api-key-2', 'plain-key-with-enough'],
      ['api-key-3', 'short=key'],
      ['admin-key-1', 'UPPER=0123456789abcdef'],
    ]);
  });

  it('are a key once, under one name', () => {
    expect(problemsIn({ env: { API_KEYS: 'a=0123456789abcdef,a=0123456789abcdeX', ADMIN_API_KEYS: 'b=0123456789abcdef' } })).toEqual([
      'API_KEYS (entry 2): has the same name as API_KEYS (entry 1); give it another',
      'ADMIN_API_KEYS (entry 1): is the same key as API_KEYS (entry 1); keep one of them',
    ]);
  });

  it('are noted when they are short', () => {
    expect(configFrom({ env: { API_KEYS: 'short' } }).notices).toEqual([
      'API_KEYS (entry 1) is shorter than 16 characters: easy to guess.',
    ]);
  });
});
