import { beforeEach, describe, expect, it } from '@jest/globals';
import { claimsAt, ISSUER, signToken } from '../../../test/support/identity-provider.js';
import { answerTo, HandClock, JWT_SECRET, tokensOver } from '../../../test/support/tokens.js';
import type { Caller } from '../../core/caller.js';
import { NamePatterns } from '../name-patterns.js';
import type { Identity } from '../known-key.js';
import type { KnownTeam } from '../teams/team.js';
import type { TokenAuthenticator } from './token-authenticator.js';
import { TokenTeams } from './token-teams.js';
import { toDenialId, toSubject } from './token-subjects.js';

const TEAM: KnownTeam = { id: 'team-1', name: 'Search', isDisabled: false, limits: { concurrency: 3 } };
const EXPIRED = 'unauthenticated: This token has expired. Get a new one from where you got it.';
const DENIED = 'unauthenticated: This token was revoked by an administrator. Ask an administrator for access.';

describe('TokenAuthenticator', () => {
  let clock: HandClock;
  let denied: Set<string>;
  let teams: FakeTeams;
  let tokens: TokenAuthenticator;

  beforeEach(() => {
    clock = new HandClock();
    denied = new Set();
    teams = new FakeTeams();
    const includesAny = (ids: readonly string[]): boolean => ids.some((id) => denied.has(id));
    tokens = tokensOver({ clock, denied: { includesAny }, teams: new TokenTeams(teams, clock) });
  });

  const sign = (claims: object = {}): Promise<string> =>
    signToken({ kid: undefined, alg: 'HS256', privateKey: new TextEncoder().encode(JWT_SECRET) }, claimsAt(clock.now(), claims));
  const callerOf = async (token: string): Promise<Caller> => (await tokens.authenticate(token)).caller;
  /** What is answered without a promise. */
  function atOnce(token: string): Identity {
    const identity = tokens.authenticate(token);
    expect(identity).not.toBeInstanceOf(Promise);
    return identity as Identity;
  }

  it('says who calls', async () => {
    const { keyId, ...caller } = await callerOf(await sign({ role: 'viewer' }));

    expect(caller).toEqual({ keyName: 'alice', role: 'viewer', tenant: keyId, user: 'alice' });
    expect(keyId).toMatch(/^jwt:[\w-]{22}$/);
  });

  it('takes all tokens of a subject for the same key, and those of another for another', async () => {
    const alice = await callerOf(await sign());
    const again = await callerOf(await sign({ jti: 'another' }));
    const bob = await callerOf(await sign({ sub: 'bob' }));

    expect(again).toEqual(alice);
    expect(bob.keyId).not.toBe(alice.keyId);
  });

  it('shortens the name of a key that people read, and not its user', async () => {
    const sub = 'é'.repeat(150);
    const { keyName, user } = await callerOf(await sign({ sub }));

    expect(keyName).toBe(`${'é'.repeat(99)}…`);
    expect(user).toBe(sub);
  });

  it('remembers a token, and answers at once with the same caller', async () => {
    const token = await sign();
    const { caller } = await tokens.authenticate(token);

    expect(atOnce(token).caller).toBe(caller);
  });

  it('takes a token until a minute after it has expired, remembered or not', async () => {
    const [remembered, fresh, late] = [await sign({ jti: '1' }), await sign({ jti: '2' }), await sign({ jti: '3' })];
    await tokens.authenticate(remembered);

    clock.ms = 659_999;
    expect(await answerTo(tokens, fresh)).toBe('welcome');
    expect(atOnce(remembered).caller.user).toBe('alice');
    clock.ms += 1;
    expect(() => tokens.authenticate(remembered)).toThrow('has expired');
    expect(await answerTo(tokens, remembered)).toBe(EXPIRED);
    expect(await answerTo(tokens, late)).toBe(EXPIRED);
  });

  it('takes a token from a minute before it is in force', async () => {
    const nbf = clock.now() / 1_000 + 61;
    const token = await sign({ nbf });

    expect(await answerTo(tokens, token)).toContain('unauthenticated: This token is not valid here.');
    clock.ms = 1_000;
    expect(await answerTo(tokens, token)).toBe('welcome');
  });

  it.each(['sub', 'jti'] as const)(
    'refuses a token whose %s is denied, also one that is remembered, until it is allowed again',
    async (claim) => {
      const token = await sign({ jti: 'one' });
      await tokens.authenticate(token);

      denied.add(toDenialId(toSubject(claim, ISSUER, claim === 'sub' ? 'alice' : 'one')));
      expect(await answerTo(tokens, token)).toBe(DENIED);
      expect(await answerTo(tokens, await sign({ jti: 'two' }))).toBe(claim === 'sub' ? DENIED : 'welcome');

      denied.clear();
      expect(atOnce(token).caller.user).toBe('alice');
    },
  );

  it('says of a denied token that has expired that it has expired', async () => {
    const token = await sign();
    denied.add(toDenialId(toSubject('sub', ISSUER, 'alice')));
    clock.ms = 700_000;

    expect(await answerTo(tokens, token)).toBe(EXPIRED);
  });

  it.each(['team-1', 'Search'])('finds the team of a token by %j, as it stands at each use', async (named) => {
    teams.known.push(TEAM);
    const token = await sign({ team: named });

    const { caller } = await tokens.authenticate(token);
    expect(caller).toMatchObject({ tenant: 'team-1', keyId: expect.stringMatching(/^jwt:/) });
    expect(caller.team).toBe(TEAM);
    expect(caller.limits).toBeUndefined();
    expect(atOnce(token).caller).toBe(caller);

    teams.known[0] = { ...TEAM, limits: {} };
    expect(atOnce(token).caller).toMatchObject({ team: { limits: {} } });
    teams.known[0] = { ...TEAM, isDisabled: true };
    const { restrictions } = atOnce(token);
    expect(() => restrictions?.refuse({ ip: '127.0.0.1', routeOptions: {} })).toThrow('is disabled');
  });

  it('lets a token use what itself and its team both allow', async () => {
    teams.known.push({ ...TEAM, models: new NamePatterns(['gpt-*']) });
    const mayUse = async (claims: object, name: string): Promise<boolean> =>
      (await callerOf(await sign(claims))).models?.includes(name) ?? true;

    expect(await mayUse({ team: 'Search', models: ['gpt-4*', 'claude'] }, 'gpt-4o')).toBe(true);
    expect(await mayUse({ team: 'Search', models: ['gpt-4*', 'claude'] }, 'gpt-5')).toBe(false);
    expect(await mayUse({ team: 'Search', models: ['gpt-4*', 'claude'] }, 'claude')).toBe(false);
    expect(await mayUse({ team: 'Search' }, 'gpt-5')).toBe(true);
    expect(await mayUse({ models: ['claude'] }, 'claude')).toBe(true);
    expect(await mayUse({ models: [] }, 'claude')).toBe(false);
  });

  it('refuses a team that there is not, asks for it once a second, and takes the token when it is there', async () => {
    const token = await sign({ team: 'Search' });
    const refusal =
      'forbidden: The team `Search` of this token does not exist. Ask an administrator to make it, or for a token with another `team`.';

    expect(await Promise.all([answerTo(tokens, token), answerTo(tokens, token)])).toEqual([refusal, refusal]);
    clock.ms = 999;
    expect(await answerTo(tokens, token)).toBe(refusal);
    expect(teams.asked).toEqual(['Search']);

    clock.ms = 1_000;
    teams.stored.push(TEAM);
    expect((await callerOf(token)).tenant).toBe('team-1');
    expect(teams.asked).toEqual(['Search', 'Search']);
  });

  it('says that a team cannot be looked up while it cannot', async () => {
    teams.isAway = true;

    expect(await answerTo(tokens, await sign({ team: 'Search' }))).toContain('service_unavailable: This token cannot be checked');
  });

  it.each(['', 'a-key', 'a.b', 'a.b.c.d', 'a b.c.d', `${'a.'.repeat(3)}é`])('takes %j for a key that is not valid', async (text) => {
    expect(await answerTo(tokens, text)).toContain('unauthenticated: This API key is not valid.');
  });
});

/** Teams that memory knows, and those that only the database does. */
class FakeTeams {
  readonly known: KnownTeam[] = [];
  readonly stored: KnownTeam[] = [];
  readonly asked: string[] = [];
  isAway = false;

  find = (id: string): KnownTeam | undefined => this.known.find((team) => team.id === id);
  findByName = (name: string): KnownTeam | undefined => this.known.find((team) => team.name === name);

  async load(named: string): Promise<KnownTeam | undefined> {
    this.asked.push(named);
    await Promise.resolve();
    if (this.isAway) throw new Error('away');
    return this.stored.find(({ id, name }) => id === named || name === named);
  }
}
