import { describe, expect, it } from '@jest/globals';
import { accountFingerprint } from './account-fingerprint.js';

describe('accountFingerprint', () => {
  it('is the beginning of the SHA-256 of the key', () => {
    // `printf abc | sha256sum`
    expect(accountFingerprint('abc')).toBe('ba7816bf8f01cfea');
  });

  it('names an account without a key too', () => {
    expect(accountFingerprint()).toMatch(/^[0-9a-f]{16}$/);
    expect(accountFingerprint()).not.toBe(accountFingerprint('abc'));
  });
});
