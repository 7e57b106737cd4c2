import { inspect } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import { Secret } from './secret.js';

describe('Secret', () => {
  const secret = new Secret('sk-live-1234');

  it('gives its value to who asks for it', () => {
    expect(secret.reveal()).toBe('sk-live-1234');
  });

  it('prints as *** wherever something prints it', () => {
    const printed = [String(secret), JSON.stringify({ secret }), inspect({ deep: [secret] }), inspect(secret, { showHidden: true })];

    for (const text of printed) {
      expect(text).toContain('***');
      expect(text).not.toContain('1234');
    }
    expect(Object.keys(secret)).toEqual([]);
  });
});
