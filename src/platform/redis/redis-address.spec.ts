import { describe, expect, it } from '@jest/globals';
import { parseRedisAddress } from './redis-address.js';

describe('parseRedisAddress', () => {
  it('leaves the address of one server as it is', () => {
    expect(parseRedisAddress('rediss://user:secret@redis.internal:6380/3')).toBe('rediss://user:secret@redis.internal:6380/3');
  });

  it('reads Sentinels, with and without ports', () => {
    expect(parseRedisAddress('redis+sentinel://one,two:26380,[::1]:26381/mymaster')).toEqual({
      sentinels: [
        { host: 'one', port: 26_379 },
        { host: 'two', port: 26_380 },
        { host: '::1', port: 26_381 },
      ],
      name: 'mymaster',
    });
  });

  it('reads the log-in of Redis, the database and the log-in of the Sentinels', () => {
    expect(parseRedisAddress('redis+sentinel://user:p%40ss@one/mymaster/2?sentinel_user=watcher&sentinel_password=a%2Bb')).toMatchObject({
      username: 'user',
      password: 'p@ss',
      db: 2,
      sentinelUsername: 'watcher',
      sentinelPassword: 'a+b',
    });
    const alone = parseRedisAddress('redis+sentinel://:secret@one/mymaster');
    expect(alone).toMatchObject({ password: 'secret' });
    expect(alone).not.toHaveProperty('username');
  });

  it('asks Redis and the Sentinels over TLS where the address says so', () => {
    expect(parseRedisAddress('rediss+sentinel://one/mymaster')).toMatchObject({ tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true });
  });

  it.each([
    'redis+sentinel://one',
    'redis+sentinel://one/',
    'redis+sentinel:///mymaster',
    'redis+sentinel://a:b:c/mymaster',
    'redis+sentinel://one/mymaster/x',
  ])('refuses %s', (url) => {
    expect(() => parseRedisAddress(url)).toThrow('An address of Sentinels');
  });
});
