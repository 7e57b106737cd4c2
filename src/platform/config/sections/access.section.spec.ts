import { describe, expect, it } from '@jest/globals';
import { configFrom, problemsIn } from '../../../../test/support/config-folder.js';

const SECRET = 's'.repeat(32);
const PARTIES = { JWT_ISSUER: 'https://id.example', JWT_AUDIENCE: 'tollgate' };
const URL = 'https://id.example/keys';

describe('the configuration of JWTs', () => {
  it('takes the usual algorithms of a secret, or of published keys', () => {
    expect(configFrom({ env: { ...PARTIES, JWT_SECRET: SECRET } }).jwt).toMatchObject({ algorithms: ['HS256'] });
    expect(configFrom({ env: { ...PARTIES, JWT_JWKS_URL: URL } }).jwt).toEqual({
      verify: { jwksUrl: URL },
      issuer: 'https://id.example',
      audience: 'tollgate',
      algorithms: ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'],
    });
  });

  it.each([
    [
      { JWT_SECRET: SECRET, JWT_ALGORITHMS: 'HS256,RS256' },
      'JWT_ALGORITHMS: RS256 needs published keys; with JWT_SECRET choose from HS256, HS384, HS512',
    ],
    [
      { JWT_JWKS_URL: URL, JWT_ALGORITHMS: 'RS256,HS256' },
      'JWT_ALGORITHMS: HS256 needs a shared secret; with JWT_JWKS_URL choose RS…, PS…, ES… or EdDSA',
    ],
    [{ JWT_JWKS_URL: URL, JWT_ALGORITHMS: ',' }, 'JWT_ALGORITHMS: names none'],
    [{ JWT_SECRET: 's'.repeat(31) }, 'JWT_SECRET: expected at least 32 bytes'],
    [{ JWT_SECRET: 's'.repeat(63), JWT_ALGORITHMS: 'HS256,HS512' }, 'JWT_SECRET: HS512 needs at least 64 bytes'],
    [{ JWT_SECRET: SECRET, JWT_JWKS_URL: URL, JWT_ALGORITHMS: 'RS256' }, 'JWT_SECRET: JWT_JWKS_URL is set too; keep one of them'],
  ])('refuses %j in one line', (env, line) => {
    expect(problemsIn({ env: { ...PARTIES, ...env } })).toEqual([line]);
  });

  it('counts a secret in bytes, of which some letters have several', () => {
    expect(problemsIn({ env: { ...PARTIES, JWT_SECRET: 'é'.repeat(16) } })).toEqual([]);
  });

  it('says that nothing comes of the rest without a key', () => {
    expect(configFrom({ env: PARTIES }).notices).toEqual([
      'JWT_ISSUER does nothing without JWT_SECRET or JWT_JWKS_URL: no JWT is accepted.',
      'JWT_AUDIENCE does nothing without JWT_SECRET or JWT_JWKS_URL: no JWT is accepted.',
    ]);
  });

  it.each([
    ['http://id.internal/keys', 1],
    ['http://127.0.0.1:8080/keys', 0],
    ['http://[::1]/keys', 0],
    ['http://localhost/keys', 0],
    ['https://id.example/keys', 0],
  ])('warns of keys that may be changed on their way: %s', (url, warnings) => {
    expect(configFrom({ env: { ...PARTIES, JWT_JWKS_URL: url } }).notices).toHaveLength(warnings);
  });
});

describe('the configuration of stored bodies', () => {
  it('is off, and keeps up to 256 KiB for 30 days once it is on', () => {
    expect(configFrom({}).privacy).toMatchObject({ storeBodies: 'off', bodiesMaxBytes: 262_144 });

    const { privacy, retention, notices } = configFrom({ env: { STORE_BODIES: 'redacted', TOLLGATE_SECRET_KEYS: SECRET } });

    expect(privacy.storeBodies).toBe('redacted');
    expect(retention.bodiesDays).toBe(30);
    expect(notices.join()).not.toContain('BODIES');
  });

  it.each(['redacted', 'full'])('does not store them in clear: %s', (mode) => {
    const line = `STORE_BODIES: ${mode} needs TOLLGATE_SECRET_KEYS too; bodies are stored encrypted or not at all`;

    expect(problemsIn({ env: { STORE_BODIES: mode } })).toEqual([line]);
    expect(problemsIn({ env: { STORE_BODIES: mode, TOLLGATE_SECRET_KEYS: ',' } })).toContain(line);
    expect(problemsIn({ env: { STORE_BODIES: mode, TOLLGATE_SECRET_KEYS: SECRET } })).toEqual([]);
  });
});
