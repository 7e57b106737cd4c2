import { describe, expect, it } from '@jest/globals';
import { configFrom, problemsIn } from '../../../../test/support/config-folder.js';

describe('old names', () => {
  it('work, and leave one line each', () => {
    const config = configFrom({ env: { PROXY_API_HOST: '127.0.0.1', PROXY_API_PORT: '9001', APP_LOG_LEVEL: 'error' } });

    expect(config.http).toMatchObject({ host: '127.0.0.1', port: 9001 });
    expect(config.log.level).toBe('error');
    expect(config.deprecations).toEqual([
      'PROXY_API_HOST is an old name: set HOST instead.',
      'PROXY_API_PORT is an old name: set PORT instead.',
      'APP_LOG_LEVEL is an old name: set LOG_LEVEL instead.',
    ]);
  });

  it('of an address switches its provider on like the present one', () => {
    const config = configFrom({ env: { OLLAMA_API_BASE: 'http://gpu:11434' } });

    expect(config.providers).toMatchObject([{ name: 'ollama', baseUrl: 'http://gpu:11434' }]);
    expect(config.deprecations).toEqual(['OLLAMA_API_BASE is an old name: set OLLAMA_BASE_URL instead.']);
  });

  it('give way to the present ones', () => {
    expect(configFrom({ env: { PORT: '1', PROXY_API_PORT: '2' } }).http.port).toBe(1);
  });

  it('are named in errors as they were written', () => {
    expect(problemsIn({ env: { PROXY_API_PORT: 'x' } })).toEqual([expect.stringMatching(/^PROXY_API_PORT: expected an integer/)]);
  });

  it.each([
    ['true', 'debug', 'PROXY_API_DEBUG is an old name: set LOG_LEVEL=debug instead.'],
    ['0', 'error', 'PROXY_API_DEBUG is an old name: remove it.'],
  ])('PROXY_API_DEBUG=%s leads to the level %s', (debug, level, line) => {
    const config = configFrom({ env: { PROXY_API_DEBUG: debug, APP_LOG_LEVEL: 'error' } });

    expect(config.log.level).toBe(level);
    expect(config.deprecations).toContain(line);
  });

  it.each([
    [undefined, { requestsPerMinute: 7, requestsPerHour: 0 }],
    ['60', { requestsPerMinute: 7, requestsPerHour: 0 }],
    ['3600', { requestsPerMinute: 0, requestsPerHour: 7 }],
  ])('the rate limit with a window of %s', (window, limits) => {
    const rate = { PROXY_API_RATE_LIMIT_REQUESTS: '7', ...(window && { PROXY_API_RATE_LIMIT_WINDOW: window }) };
    const config = configFrom({ env: rate });

    expect(config.limits).toMatchObject(limits);
    expect(config.deprecations.at(-1)).toBe(
      `PROXY_API_RATE_LIMIT_REQUESTS is an old name: set MAX_REQUESTS_PER_MINUTE=${limits.requestsPerMinute} and MAX_REQUESTS_PER_HOUR=${limits.requestsPerHour} instead.`,
    );
  });

  it('refuses a window that the gateway does not have', () => {
    expect(problemsIn({ env: { PROXY_API_RATE_LIMIT_REQUESTS: '7', PROXY_API_RATE_LIMIT_WINDOW: '30' } })).toEqual([
      'PROXY_API_RATE_LIMIT_WINDOW: expected 60 or 3600 (seconds), found "30"; set MAX_REQUESTS_PER_MINUTE or MAX_REQUESTS_PER_HOUR instead',
    ]);
  });
});
