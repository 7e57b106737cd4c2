import { describe, expect, it } from '@jest/globals';
import { storedKey } from '../../test/support/stored-key.js';
import { changedKey, requireEnded, revokedKey, rotatedKey } from './key-changes.js';

const NOW_MS = 1_000_000;
const KEY = storedKey('a', { models: ['gpt-4o'], requestsPerMinute: 5 });
const REVOKED = storedKey('a', { revokedAt: 1 });
const EXPIRED = storedKey('a', { expiresAt: NOW_MS });
const ADMIN = storedKey('a', { role: 'admin' });

describe('a changed key', () => {
  it('has what was given, and keeps what was not', () => {
    expect(changedKey(KEY, { name: 'b', requestsPerHour: 7 }, 'other')).toEqual({ ...KEY, name: 'b', requestsPerHour: 7 });
  });

  it('has the default again where that was asked for', () => {
    expect(changedKey(KEY, { models: undefined, requestsPerMinute: undefined }, 'other')).toEqual({
      ...KEY,
      models: [],
      requestsPerMinute: undefined,
    });
  });

  it('is the same where nothing changes', () => {
    expect(changedKey(KEY, { models: ['gpt-4o'], disabled: false }, 'other')).toBe(KEY);
    expect(changedKey(KEY, {}, 'other')).toBe(KEY);
  });

  it('is not to be had of a revoked one', () => {
    expect(() => changedKey(REVOKED, { name: 'b' }, 'other')).toThrow('revoked for good');
  });

  it.each([{ role: 'viewer' }, { disabled: true }, { routes: ['chat'] }] as const)('does not lock out who asks: %j', (changes) => {
    expect(() => changedKey(ADMIN, changes, ADMIN.id)).toThrow('key that you are calling with');
    expect(changedKey(ADMIN, changes, 'other')).toMatchObject(changes);
  });

  it('may be that of who asks, where it stays in office', () => {
    expect(changedKey(ADMIN, { name: 'b', routes: ['admin'] }, ADMIN.id)).toMatchObject({ name: 'b' });
  });
});

describe('a rotated key', () => {
  it('has the new secret, and the old one for the overlap', () => {
    const hash = Buffer.alloc(32, 1);

    expect(rotatedKey(KEY, hash, 500, NOW_MS)).toEqual({
      ...KEY,
      secretHash: hash,
      previousHash: KEY.secretHash,
      previousEndsAt: NOW_MS + 500,
      rotatedAt: NOW_MS,
    });
  });

  it.each([REVOKED, EXPIRED])('is not to be had of one that has ended', (key) => {
    expect(() => rotatedKey(key, Buffer.alloc(32), 0, NOW_MS)).toThrow('has ended');
  });
});

describe('a revoked key', () => {
  it('is revoked since the first time', () => {
    expect(revokedKey(KEY, NOW_MS, 'other')).toEqual({ ...KEY, revokedAt: NOW_MS });
    expect(revokedKey(REVOKED, NOW_MS, 'other')).toBe(REVOKED);
  });

  it('is never the one that asks', () => {
    expect(() => revokedKey(ADMIN, NOW_MS, ADMIN.id)).toThrow('Revoke it with another one');
  });
});

describe('a key to delete', () => {
  it('has ended', () => {
    expect(requireEnded(REVOKED, NOW_MS)).toBeUndefined();
    expect(requireEnded(EXPIRED, NOW_MS)).toBeUndefined();
    for (const key of [KEY, storedKey('a', { disabled: true }), storedKey('a', { expiresAt: NOW_MS + 1 })]) {
      expect(() => requireEnded(key, NOW_MS)).toThrow('Revoke it first');
    }
  });
});
