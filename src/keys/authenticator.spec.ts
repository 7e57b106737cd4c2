import { describe, expect, it } from '@jest/globals';
import { storedKey } from '../../test/support/stored-key.js';
import { Secret } from '../platform/index.js';
import { Authenticator } from './authenticator.js';
import type { StoredKey } from './key-record.js';
import { digestOf, toKeyText } from './key-text.js';
import { type Identity, KnownKey } from './known-key.js';
import { NamePatterns } from './name-patterns.js';
import type { KnownTeam } from './teams/team.js';

const NOW_MS = Date.parse('2026-11-21T12:00:00Z');
const ID = 'abcdefghjkmn';
const NEW = 'n'.repeat(36);
const OLD = 'o'.repeat(36);
const KEY = toKeyText({ publicId: ID, secret: NEW });
const NOT_VALID = 'This API key is not valid. Check that it is complete, or ask an administrator for a new one.';

describe('Authenticator', () => {
  it.each([
    ['revoked', { revokedAt: NOW_MS }, 'This API key was revoked. Ask an administrator for another.'],
    ['expired', { expiresAt: NOW_MS }, 'This API key has expired. Ask an administrator for another.'],
  ])('tells the holder of a %s key what has become of it, and a guesser nothing', (_, ending, message) => {
    expect(refusalOf(ending, NEW)).toBe(message);
    expect(refusalOf(ending, 'w'.repeat(36))).toBe(NOT_VALID);
  });

  it('says the same of a wrong secret and of a key that does not exist', () => {
    expect(refusalOf({}, 'w'.repeat(36))).toBe(NOT_VALID);
    expect(refusalOf(undefined, NEW)).toBe(NOT_VALID);
  });

  it('does not take a key that does not exist for one whose digest is all zeros', () => {
    expect(refusalOf({ secretHash: Buffer.alloc(32) }, NEW)).toBe(NOT_VALID);
  });

  it('takes the old secret beside the new one until its overlap ends', () => {
    const rotated = { secretHash: digestOf(NEW), previousHash: digestOf(OLD) };

    expect(refusalOf({ ...rotated, previousEndsAt: NOW_MS + 1 }, NEW)).toBeUndefined();
    expect(refusalOf({ ...rotated, previousEndsAt: NOW_MS + 1 }, OLD)).toBeUndefined();
    expect(refusalOf({ ...rotated, previousEndsAt: NOW_MS }, OLD)).toBe('This API key was replaced by a new one. Use that one.');
    expect(refusalOf({ ...rotated, previousEndsAt: NOW_MS }, NEW)).toBeUndefined();
    expect(refusalOf({ ...rotated, previousEndsAt: NOW_MS + 1, expiresAt: NOW_MS }, OLD)).toContain('has expired');
  });

  it('hands on what a key may use, and its own limits', () => {
    const key = { models: ['gpt-4*'], requestsPerMinute: 5, requestsPerHour: 0, concurrency: 2, allowProviderState: true };

    const identity = authenticatorOf(key).authenticate(toKeyText({ publicId: ID, secret: NEW }));

    expect(identity).toMatchObject({
      caller: { limits: { requestsPerMinute: 5, requestsPerHour: 0, concurrency: 2 }, allowProviderState: true },
    });
    expect((identity as Identity).caller.models?.includes('gpt-4o')).toBe(true);
  });

  it('hands on what a key demands and is tagged with', () => {
    const key = { requireUser: true, tags: { app: 'search' } };

    expect(authenticatorOf(key).authenticate(KEY)).toMatchObject({ caller: { requiresUser: true, tags: { app: 'search' } } });
    expect(authenticatorOf({}).authenticate(KEY)).not.toHaveProperty('caller.requiresUser');
  });
});

describe('Authenticator, of a key with a team,', () => {
  const team: KnownTeam = { id: 'team-1', name: 'search', isDisabled: false, limits: { requestsPerMinute: 9 } };
  const models = (allowed: string): KnownTeam => ({ ...team, models: new NamePatterns([allowed]) });
  const usable = ({ caller }: Identity, ...names: readonly string[]): boolean => caller.models!.includes(...(names as [string]));

  it('hands on the team, whose money it spends', () => {
    const identity = authenticatorOf({ teamId: 'team-1' }, [team]).authenticate(KEY) as Identity;

    expect(identity.caller).toMatchObject({ keyId: `id of ${ID}`, tenant: 'team-1' });
    expect(identity.caller.team).toBe(team);
    expect(identity.restrictions).toBeUndefined();
  });

  it('answers the same object until the team is another', () => {
    const teams = [team];
    const authenticator = authenticatorOf({ teamId: 'team-1' }, teams);
    const first = authenticator.authenticate(KEY) as Identity;
    expect(authenticator.authenticate(KEY)).toBe(first);

    teams[0] = { ...team, name: 'renamed' };

    const second = authenticator.authenticate(KEY) as Identity;
    expect(second.caller.team?.name).toBe('renamed');
    expect(authenticator.authenticate(KEY)).toBe(second);
  });

  it('lets it use what itself and its team both allow, by whatever name each of them says it', () => {
    const both = authenticatorOf({ teamId: 'team-1', models: ['openai/*'] }, [models('gpt-4o')]).authenticate(KEY) as Identity;
    expect(usable(both, 'gpt-4o', 'openai/gpt-4o')).toBe(true);
    expect(usable(both, 'gpt-4.1', 'openai/gpt-4.1')).toBe(false);
    expect(usable(both, 'gpt-4o', 'azure/gpt-4o')).toBe(false);

    const teams = authenticatorOf({ teamId: 'team-1' }, [models('gpt-4o')]).authenticate(KEY) as Identity;
    expect([usable(teams, 'gpt-4o'), usable(teams, 'gpt-4.1')]).toEqual([true, false]);
    const own = authenticatorOf({ teamId: 'team-1', models: ['gpt-4.1'] }, [team]).authenticate(KEY) as Identity;
    expect([usable(own, 'gpt-4o'), usable(own, 'gpt-4.1')]).toEqual([false, true]);
  });

  it('refuses it while the team is disabled, after it knows who it is', () => {
    const { caller, restrictions } = authenticatorOf({ teamId: 'team-1' }, [{ ...team, isDisabled: true }]).authenticate(KEY) as Identity;

    expect(caller.tenant).toBe('team-1');
    expect(() => restrictions!.refuse({ ip: '203.0.113.7', routeOptions: { url: '/v1/models' } })).toThrow(
      'The team of this API key is disabled',
    );
  });

  it('looks for a team that is not known yet, and lets nobody in without', async () => {
    const found = authenticatorOf({ teamId: 'team-1' }, [], () => Promise.resolve(team)).authenticate(KEY);
    expect(await found).toMatchObject({ caller: { tenant: 'team-1' } });

    const lost = authenticatorOf({ teamId: 'team-1' }, [], () => Promise.resolve(undefined)).authenticate(KEY);
    await expect(lost).rejects.toMatchObject({ kind: 'service_unavailable', details: { retryAfterMs: 2_000 } });
    const away = authenticatorOf({ teamId: 'team-1' }, [], () => Promise.reject(new Error('away'))).authenticate(KEY);
    await expect(away).rejects.toMatchObject({ kind: 'service_unavailable' });
  });

  it('does not look for the team of who has a wrong secret', () => {
    const authenticator = authenticatorOf({ teamId: 'team-1' }, [], () => Promise.reject(new Error('asked')));

    expect(() => authenticator.authenticate(toKeyText({ publicId: ID, secret: OLD }))).toThrow(NOT_VALID);
  });
});

function authenticatorOf(
  key: Partial<StoredKey> | undefined,
  teams: readonly KnownTeam[] = [],
  load: () => Promise<KnownTeam | undefined> = () => Promise.resolve(undefined),
): Authenticator {
  const known = key && new KnownKey(storedKey(ID, { secretHash: digestOf(NEW), ...key }));
  const keys = { clients: [{ name: 'app', key: new Secret('a-static-key-for-app') }], admins: [], metricsToken: undefined, secretKeys: [] };
  return new Authenticator(
    { find: () => known },
    { find: (id) => teams.find((team) => team.id === id), load },
    { keys },
    { now: () => NOW_MS },
  );
}

function refusalOf(key: Partial<StoredKey> | undefined, secret: string): string | undefined {
  try {
    void authenticatorOf(key).authenticate(toKeyText({ publicId: ID, secret }));
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
}
