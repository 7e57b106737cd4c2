import { describe, expect, it } from '@jest/globals';
import { storedKey } from '../../test/support/stored-key.js';
import { Secret } from '../platform/index.js';
import { Authenticator } from './authenticator.js';
import type { StoredKey } from './key-record.js';
import { digestOf, toKeyText } from './key-text.js';
import { toKnownKey } from './known-key.js';

const NOW_MS = Date.parse('2026-11-21T12:00:00Z');
const ID = 'abcdefghjkmn';
const NEW = 'n'.repeat(36);
const OLD = 'o'.repeat(36);
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

    expect(identity).toMatchObject({ caller: { requestsPerMinute: 5, requestsPerHour: 0, concurrency: 2, allowProviderState: true } });
    expect((identity as { caller: { models: { includes(name: string): boolean } } }).caller.models.includes('gpt-4o')).toBe(true);
  });
});

function authenticatorOf(key: Partial<StoredKey> | undefined): Authenticator {
  const known = key && toKnownKey(storedKey(ID, { secretHash: digestOf(NEW), ...key }));
  const keys = { clients: [{ name: 'app', key: new Secret('a-static-key-for-app') }], admins: [], metricsToken: undefined, secretKeys: [] };
  return new Authenticator({ find: () => known }, { keys }, { now: () => NOW_MS });
}

function refusalOf(key: Partial<StoredKey> | undefined, secret: string): string | undefined {
  try {
    void authenticatorOf(key).authenticate(toKeyText({ publicId: ID, secret }));
  } catch (error) {
    return (error as Error).message;
  }
  return undefined;
}
