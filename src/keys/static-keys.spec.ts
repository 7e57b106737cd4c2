import { describe, expect, it } from '@jest/globals';
import { Secret } from '../platform/index.js';
import { StaticKeys } from './static-keys.js';

describe('StaticKeys', () => {
  const keys = new StaticKeys({
    clients: [{ name: 'app', key: new Secret('the-client-key-of-app') }, shared('both')],
    admins: [{ name: 'ops', key: new Secret('the-admin-key-of-ops') }, shared('both')],
  });

  it('finds who a key belongs to', () => {
    expect(keys.find('the-client-key-of-app')?.caller).toEqual({
      keyId: 'client:app',
      keyName: 'app',
      role: 'client',
      tenant: 'client:app',
    });
    expect(keys.find('the-admin-key-of-ops')?.caller.role).toBe('admin');
  });

  it.each(['', 'app', 'the-client-key-of-ap', 'the-client-key-of-app ', 'The-client-key-of-app'])('knows nobody by %j', (presented) => {
    expect(keys.find(presented)).toBeUndefined();
  });

  it('takes a key that stands in both lists for an admin', () => {
    expect(keys.find('a-key-in-both-lists')?.caller.role).toBe('admin');
  });

  it('does not keep the keys themselves', () => {
    expect(JSON.stringify([...(keys as unknown as { identities: Map<string, unknown> }).identities])).not.toContain('the-client-key');
  });
});

function shared(name: string) {
  return { name, key: new Secret('a-key-in-both-lists') };
}
