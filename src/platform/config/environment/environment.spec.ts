import { describe, expect, it } from '@jest/globals';
import { configFrom, problemsIn } from '../../../../test/support/config-folder.js';

describe('the environment', () => {
  it('may be empty', () => {
    const config = configFrom({});

    expect(config.http).toMatchObject({ host: '0.0.0.0', port: 8000, maxBodyBytes: 20_971_520, corsOrigins: [], trustProxy: [] });
    expect(config.limits).toMatchObject({ requestsPerMinute: 60, requestsPerHour: 1000 });
    expect(config.drain.timeoutMs).toBe(120_000);
    expect([config.deprecations, config.notices]).toEqual([[], []]);
  });

  it('has the process before .env, and what is empty in either counts as unset', () => {
    const config = configFrom({
      env: { PORT: '', HOST: '127.0.0.1', APP_NAME: '  ' },
      files: { '.env': 'PORT=9000\nHOST=10.0.0.1\nLOG_LEVEL=\n' },
    });

    expect(config.http).toMatchObject({ host: '127.0.0.1', port: 9000 });
    expect([config.log.level, config.app.name]).toEqual(['info', 'tollgate']);
  });

  it.each([
    ['PORT', '80a', 'PORT: expected an integer from 1 to 65535 (0 = any free port), found "80a"'],
    ['PORT', '65536', 'PORT: expected an integer from 1 to 65535 (0 = any free port), found "65536"'],
    ['PORT', '-1', 'PORT: expected an integer from 1 to 65535 (0 = any free port), found "-1"'],
    ['APP_ENV', 'prod', 'APP_ENV: expected development, test, staging or production, found "prod"'],
    ['MAX_REQUESTS_PER_MINUTE', '1.5', 'MAX_REQUESTS_PER_MINUTE: expected an integer ≥ 0, found "1.5"'],
    ['TRUST_PROXY', 'true', expect.stringContaining('TRUST_PROXY: expected comma-separated addresses or networks')],
    ['TRUST_PROXY', '10.0.0.0/33', expect.stringContaining('found "10.0.0.0/33"')],
    ['CORS_ORIGINS', 'https://a.example/path', expect.stringContaining('CORS_ORIGINS: expected comma-separated origins')],
    ['HOST', 'two words', 'HOST: expected an address or a host name, found "two words"'],
    ['UNPRICED_MODELS', 'price_as:', 'UNPRICED_MODELS: expected reject, unbudgeted or price_as:<model>, found "price_as:"'],
    ['JWT_ALGORITHMS', 'none', expect.stringContaining('JWT_ALGORITHMS: expected some of HS256')],
    ['OPENAI_API_BASE', 'api.openai.com', expect.stringContaining('OPENAI_API_BASE: expected an http:// or https:// address')],
    ['WORKERS', '2', 'WORKERS: more than one needs REDIS_URL'],
    ['REDIS_URL', 'redis://localhost', 'REDIS_URL: needs DATABASE_URL too; replicas that share a Redis must share a database'],
  ])('refuses %s=%s in one line', (name, value, line) => {
    expect(problemsIn({ env: { [name]: value } })).toEqual([line]);
  });

  it('lists all problems at once', () => {
    const lines = problemsIn({ env: { PORT: 'x', LOG_LEVEL: 'loud', APP_ENV: 'production' }, files: { 'tollgate.yaml': 'limit: {}' } });

    expect(lines.map((line) => line.split(/[:.]/)[0])).toEqual(['PORT', 'LOG_LEVEL', 'limit', 'No provider is configured']);
  });

  it('reads lists, networks and words in any case', () => {
    const config = configFrom({
      env: {
        LOG_LEVEL: 'WARNING',
        TRUST_PROXY: 'loopback, 10.0.0.0/8,::1',
        CORS_ORIGINS: 'https://a.example/, http://localhost:3000',
        DATABASE_URL: 'postgres://u:p@h/d',
        REDIS_URL: 'redis+sentinel://one:26379,two:26379/main',
        WORKERS: 'auto',
      },
    });

    expect(config.log.level).toBe('warn');
    expect(config.http.trustProxy).toEqual(['loopback', '10.0.0.0/8', '::1']);
    expect(config.http.corsOrigins).toEqual(['https://a.example', 'http://localhost:3000']);
    expect(config.redis.url?.reveal()).toBe('redis+sentinel://one:26379,two:26379/main');
    expect(config.workers).toBe('auto');
  });

  it('names what is set and does nothing yet', () => {
    const { notices } = configFrom({ env: { CACHE_MODE: 'all', DEFAULT_MODEL: 'm', PORT: '1' } });

    expect(notices).toEqual([
      'DEFAULT_MODEL is set, but this version does nothing with it yet.',
      'CACHE_MODE is set, but this version does nothing with it yet.',
    ]);
  });

  it('asks about a name in .env that is nearly one of its own', () => {
    const { notices } = configFrom({
      env: { OPENAI_API_KYE: 'x' },
      files: { '.env': 'OPENAI_APIKEY=k\nAPI_KEY=k\nTEST=1\nREDIS_HOST=h\n' },
    });

    expect(notices.toSorted().toReversed()).toEqual([
      'OPENAI_APIKEY in .env means nothing to Tollgate; did you mean OPENAI_API_KEY?',
      'API_KEY in .env means nothing to Tollgate; did you mean API_KEYS?',
    ]);
  });

  it('wants issuer and audience with a JWT key, and one key only', () => {
    const secret = 's'.repeat(32);

    expect(problemsIn({ env: { JWT_SECRET: secret, JWT_JWKS_URL: 'https://id.example/keys' } })).toEqual([
      'JWT_SECRET: JWT_JWKS_URL is set too; keep one of them',
      'JWT_ISSUER: is not set; a JWT is only accepted from a known issuer',
      'JWT_AUDIENCE: is not set; a JWT is only accepted if it was made for this gateway',
    ]);
    expect(configFrom({ env: { JWT_SECRET: secret, JWT_ISSUER: 'i', JWT_AUDIENCE: 'a' } }).jwt).toMatchObject({ algorithms: ['HS256'] });
  });
});
