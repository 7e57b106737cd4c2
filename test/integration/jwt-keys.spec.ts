import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { exportJWK, type JWK } from 'jose';
import { createHmac, generateKeyPairSync, KeyObject, sign } from 'node:crypto';
import { pino } from 'pino';
import type { TokenAuthenticator } from '../../src/keys/jwt/token-authenticator.js';
import { AUDIENCE, claimsAt, IdentityProvider, ISSUER, makeSigningKey, type SigningKey, signToken } from '../support/identity-provider.js';
import { inTime } from '../support/in-time.js';
import { answerTo, HandClock, JWT_SECRET, tokensOver } from '../support/tokens.js';

const PUBLISHED = 'RS256 or PS256 or ES256 or ES384 or EdDSA';
const HALF_MINUTE_MS = 30_000;
const DAY_MS = 86_400_000;

/** The one thing that is said of whatever is wrong with a token. */
function notValid(algorithms: string): string {
  return `unauthenticated: This token is not valid here. Send a JWT from the issuer \`${ISSUER}\` for the audience \`${AUDIENCE}\`, signed with ${algorithms}, that is in force and carries \`sub\` and \`exp\`.`;
}

const encode = (part: object): string => Buffer.from(JSON.stringify(part)).toString('base64url');

/** Signed as an HMAC with whatever bytes, as no library would. */
function forge(header: object, claims: object, key: string | Buffer): string {
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${createHmac('sha256', key).update(signed).digest('base64url')}`;
}

/** Signed with whatever key, header and payload, as no library would. */
function signBytes(header: object, payload: object, key: KeyObject): string {
  const signed = `${encode(header)}.${encode(payload)}`;
  return `${signed}.${sign('sha256', Buffer.from(signed), { key, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

describe('a token signed with a published key', () => {
  let provider: IdentityProvider;
  let clock: HandClock;
  let key: SigningKey;
  let logged: { readonly event: string; readonly reason?: string }[];
  let tokens: TokenAuthenticator;

  beforeEach(async () => {
    provider = await IdentityProvider.start();
    clock = new HandClock();
    key = await makeSigningKey('one');
    provider.publish(key);
    logged = [];
    tokens = fresh();
  });

  afterEach(() => provider.stop());

  /** What takes tokens in a process that has just begun. */
  function fresh(): TokenAuthenticator {
    const log = pino({}, { write: (line: string) => logged.push(JSON.parse(line) as { event: string }) });
    return tokensOver({ jwksUrl: provider.jwksUrl, clock, log });
  }

  const claims = (overrides: object = {}) => claimsAt(clock.now(), overrides);
  const ask = (token: string): Promise<string> => answerTo(tokens, token);

  it.each(['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA'])('is accepted by default (%s)', async (alg) => {
    const signing = await makeSigningKey('this', alg);
    provider.publish(key, signing);

    expect(await ask(await signToken(signing, claims()))).toBe('welcome');
    expect(provider.requests).toBe(1);
  });

  it('is for several audiences, of which we are one', async () => {
    expect(await ask(await signToken(key, claims({ aud: ['other', AUDIENCE] })))).toBe('welcome');
  });

  describe('is told the same, whatever is wrong with it:', () => {
    const WRONG: readonly (readonly [string, () => string | Promise<string>])[] = [
      ['another issuer', () => signToken(key, claims({ iss: 'https://evil.example/' }))],
      ['no issuer', () => signToken(key, claims({ iss: undefined }))],
      ['another audience', () => signToken(key, claims({ aud: 'other' }))],
      ['no audience', () => signToken(key, claims({ aud: undefined }))],
      ['no subject', () => signToken(key, claims({ sub: undefined }))],
      ['an empty subject', () => signToken(key, claims({ sub: '' }))],
      ['no expiry', () => signToken(key, claims({ exp: undefined }))],
      ['an expiry that is a text', () => forgeWithKey({ exp: '2999-01-01' })],
      ['not in force yet', () => signToken(key, claims({ nbf: clock.now() / 1_000 + 61 }))],
      ['expired, and of another issuer', () => signToken(key, claims({ exp: 1, iss: 'https://evil.example/' }))],
      ['expired, and signed by another', async () => signToken(await makeSigningKey('one'), claims({ exp: 1 }))],
      ['a key of the same name that is not the one published', async () => signToken(await makeSigningKey('one'), claims())],
      ['a key that nobody published', async () => signToken(await makeSigningKey('other'), claims())],
      ['an algorithm that is not configured', async () => signToken(await makeSigningKey('one', 'ES512'), claims())],
      ['no algorithm', () => `${encode({ alg: 'none' })}.${encode(claims())}.`],
      ['no algorithm, in capitals', () => `${encode({ alg: 'NONE', kid: 'one' })}.${encode(claims())}.`],
      ['no signature', async () => (await signToken(key, claims())).replace(/[^.]*$/, '')],
      ['an HMAC with the published key as its secret', () => forge({ alg: 'HS256', kid: 'one' }, claims(), JSON.stringify(key.jwk))],
      [
        'an HMAC with a part of the published key',
        () => forge({ alg: 'HS256', kid: 'one' }, claims(), Buffer.from(key.jwk.x!, 'base64url')),
      ],
      ['its own key (jwk)', async () => withOwnKey('jwk')],
      ['the address of its own key (jku)', async () => withOwnKey('jku')],
      ['the address of its own certificate (x5u)', async () => withOwnKey('x5u')],
      ['an address of a key beside a right signature', () => signToken(key, claims(), { jku: provider.jwksUrl })],
      [
        'an extension that must be understood',
        () => signBytes({ alg: 'ES256', kid: 'one', crit: ['more'], more: 1 }, claims(), KeyObject.from(key.privateKey)),
      ],
      ['another payload', async () => swapped(await signToken(key, claims()))],
      ['a header that is no JSON', () => `AAAA.${encode(claims())}.AAAA`],
      ['a payload that is no object', () => forgeWithKey([1])],
    ];

    const forgeWithKey = (payload: object): string =>
      signBytes(
        { alg: 'ES256', kid: 'one' },
        Array.isArray(payload) ? payload : { ...claims(), ...payload },
        KeyObject.from(key.privateKey),
      );

    async function withOwnKey(header: 'jwk' | 'jku' | 'x5u'): Promise<string> {
      const own = await makeSigningKey('own');
      return signToken(own, claims(), { [header]: header === 'jwk' ? own.jwk : 'http://evil.example/keys' });
    }

    function swapped(token: string): string {
      const [header, , signature] = token.split('.');
      return `${header}.${encode(claims({ role: 'admin' }))}.${signature}`;
    }

    it.each(WRONG)('%s', async (_, make) => {
      expect(await ask(await make())).toBe(notValid(PUBLISHED));
    });

    it('nothing, and is welcome', async () => {
      expect(await ask(await signToken(key, claims()))).toBe('welcome');
      expect(await ask(forgeWithKey({}))).toBe('welcome');
    });
  });

  it('is told that it has expired where it is right otherwise', async () => {
    expect(await ask(await signToken(key, claims({ exp: clock.now() / 1_000 - 60 })))).toContain('has expired');
    expect(await ask(await signToken(key, claims({ exp: clock.now() / 1_000 - 59 })))).toBe('welcome');
  });

  it('is not verified with a secret that stands among the published keys', async () => {
    const secret: JWK = { kty: 'oct', k: Buffer.from('s'.repeat(32)).toString('base64url'), kid: 'secret' };
    provider.publish(key, secret, { ...secret, kid: 'named', alg: 'HS256' });

    for (const kid of ['secret', 'named'])
      expect(await ask(forge({ alg: 'HS256', kid }, claims(), 's'.repeat(32)))).toBe(notValid(PUBLISHED));
    expect(await ask(await signToken(key, claims()))).toBe('welcome');
  });

  it('is not verified with a key that is for something else, too short or private, which is reported once', async () => {
    const encrypting = await makeSigningKey('encrypting');
    const secretive = await makeSigningKey('private');
    const short = generateKeyPairSync('rsa', { modulusLength: 1_024 });
    const privateJwk = { ...(await exportJWK(secretive.privateKey)), kid: 'private', alg: 'ES256' };
    provider.publish({ ...encrypting.jwk, use: 'enc' }, privateJwk, { ...short.publicKey.export({ format: 'jwk' }), kid: 'short' });

    expect(await ask(await signToken(encrypting, claims()))).toBe(notValid(PUBLISHED));
    expect(logged).toEqual([]);
    for (const jti of ['1', '2']) expect(await ask(await signToken(secretive, claims({ jti })))).toBe(notValid(PUBLISHED));
    expect(await ask(signBytes({ alg: 'RS256', kid: 'short' }, claims(), short.privateKey))).toBe(notValid(PUBLISHED));
    expect(logged).toEqual([expect.objectContaining({ event: 'jwt_key_unusable' })]);
    expect(JSON.stringify(logged)).not.toContain(privateJwk.d);
  });

  it('need not name its key, however many are published', async () => {
    const [first, second] = [await makeSigningKey(undefined), await makeSigningKey(undefined)];
    provider.publish(first, second);

    for (const signing of [first, second]) expect(await ask(await signToken(signing, claims()))).toBe('welcome');
    expect(await ask(await signToken(await makeSigningKey(undefined), claims()))).toBe(notValid(PUBLISHED));
  });

  it('is accepted when its key was published since, and not when that is no longer', async () => {
    const next = await makeSigningKey('two');
    const [old, fromNext] = [await signToken(key, claims()), await signToken(next, claims())];
    expect(await ask(old)).toBe('welcome');
    provider.publish(key, next);
    clock.ms = HALF_MINUTE_MS - 1;
    expect(await ask(fromNext)).toBe(notValid(PUBLISHED));
    expect(provider.requests).toBe(1);

    clock.ms = HALF_MINUTE_MS;
    expect(await ask(fromNext)).toBe('welcome');
    expect(await ask(old)).toBe('welcome');
    expect(provider.requests).toBe(2);

    provider.publish(next);
    clock.ms += 5 * 60_000;
    await ask(fromNext);
    clock.ms += 5 * 60_000;
    expect(await ask(await signToken(next, claims()))).toBe('welcome');
    expect(await ask(await signToken(key, claims()))).toBe(notValid(PUBLISHED));
  });

  it('is forgotten when the keys are others, and accepted again only if they still verify it', async () => {
    const next = await makeSigningKey('two');
    const lasting = { exp: clock.now() / 1_000 + 7_200 };
    const [old, fromNext] = [await signToken(key, claims(lasting)), await signToken(next, claims(lasting))];
    provider.publish(key, next);
    expect([await ask(old), await ask(fromNext)]).toEqual(['welcome', 'welcome']);

    provider.publish(next);
    clock.ms = 10 * 60_000;

    expect(await ask(old)).toBe(notValid(PUBLISHED));
    expect(await ask(fromNext)).toBe('welcome');
  });

  it('whose key is unknown makes nobody fetch keys more often than every 30 s', async () => {
    const forged = await Promise.all(Array.from({ length: 50 }, async (_, at) => signToken(await makeSigningKey(`fake-${at}`), claims())));
    for (const token of forged) expect(await ask(token)).toBe(notValid(PUBLISHED));
    expect(provider.requests).toBe(1);

    clock.ms = HALF_MINUTE_MS;
    expect(new Set(await Promise.all(forged.map(ask)))).toEqual(new Set([notValid(PUBLISHED)]));
    for (const token of forged) await ask(token);
    expect(provider.requests).toBe(2);
  });

  it('is accepted for a day while the endpoint is away; one whose key is unknown cannot be checked', async () => {
    const lasting = { exp: clock.now() / 1_000 + 2 * 86_400 };
    const remembered = await signToken(key, claims(lasting));
    await ask(remembered);
    await provider.stop();

    clock.ms = DAY_MS - 1;
    expect(await ask(remembered)).toBe('welcome');
    expect(await ask(await signToken(key, claims({ ...lasting, jti: 'new' })))).toBe('welcome');
    clock.ms -= HALF_MINUTE_MS;
    expect(await ask(await signToken(await makeSigningKey('two'), claims(lasting)))).toContain('service_unavailable: ');
    clock.ms = DAY_MS;
    expect(await ask(remembered)).toContain('service_unavailable: This token cannot be checked at the moment');
    expect(logged.map(({ event }) => event)).toEqual(['jwt_keys_unread']);
  });

  it('cannot be checked without any keys, and that is no fault of its own', async () => {
    provider.behave((_request, response) => response.writeHead(500).end('no'));

    expect(await ask(await signToken(key, claims()))).toContain('service_unavailable: ');
    expect(logged).toEqual([expect.objectContaining({ event: 'jwt_keys_unread', reason: 'HTTP 500 instead of keys' })]);
  });

  it('cannot be checked where the keys would come from elsewhere', async () => {
    const elsewhere = await IdentityProvider.start();
    elsewhere.publish(key);
    provider.behave((_request, response) => response.writeHead(302, { location: elsewhere.jwksUrl }).end());

    expect(await ask(await signToken(key, claims()))).toContain('service_unavailable: ');
    expect([provider.requests, elsewhere.requests]).toEqual([1, 0]);
    await elsewhere.stop();
  });

  it('cannot be checked where the answer has no end', async () => {
    provider.behave((_request, response) => {
      const write = (): void => {
        while (response.write('x'.repeat(65_536)));
      };
      response.on('drain', write);
      write();
    });

    expect(await ask(await signToken(key, claims()))).toContain('service_unavailable: ');
    expect(logged[0]?.reason).toMatch(/size/i);
  });

  it.each([
    ['never answers', () => undefined],
    ['never ends', (_: unknown, response: { write(text: string): void }) => response.write('{"keys":[')],
  ])('waits no longer than 3 s for keys, where the endpoint %s', async (_, answer) => {
    provider.behave(answer);
    const token = await signToken(key, claims());

    await inTime(3_000, async () => expect(await ask(token)).toContain('service_unavailable: '));
  });

  it('cannot be checked where there is no endpoint, and can once there is one', async () => {
    const token = await signToken(key, claims());
    provider.behave((request) => request.socket.destroy());
    expect(await ask(token)).toContain('service_unavailable: ');

    provider.publish(key);
    clock.ms = 1_000;
    expect(await ask(token)).toBe('welcome');
    expect(logged.map(({ event }) => event)).toEqual(['jwt_keys_unread', 'jwt_keys_read']);
  });

  it('leaves no trace in the log', async () => {
    const good = await signToken(key, claims());
    const bad = await signToken(await makeSigningKey('one'), claims());
    await ask(good);
    await ask(bad);
    await provider.stop();
    clock.ms = HALF_MINUTE_MS;
    await ask(await signToken(await makeSigningKey('two'), claims()));

    for (const token of [good, bad]) expect(JSON.stringify(logged)).not.toContain(token.split('.')[2]);
  });
});

describe('a token signed with the shared secret', () => {
  const clock = new HandClock();
  const tokens = tokensOver({ clock });
  const secret = new TextEncoder().encode(JWT_SECRET);
  const signWith = (alg: string, bytes = secret): Promise<string> =>
    signToken({ kid: undefined, alg, privateKey: bytes }, claimsAt(clock.now()));

  it('is accepted', async () => {
    expect(await answerTo(tokens, await signWith('HS256'))).toBe('welcome');
  });

  it.each([
    ['another secret', () => signWith('HS256', new TextEncoder().encode('another secret of more than 32 bytes'))],
    ['another HMAC', () => signWith('HS384', new TextEncoder().encode(JWT_SECRET.repeat(2)))],
    ['a key of its own', async () => signToken(await makeSigningKey('one'), claimsAt(clock.now()))],
    ['none', () => `${encode({ alg: 'none' })}.${encode(claimsAt(clock.now()))}.`],
  ])('is told the same, whatever it is signed with instead: %s', async (_, make) => {
    expect(await answerTo(tokens, await make())).toBe(notValid('HS256'));
  });
});
