import type { StoredKey } from '../../src/keys/key-record.js';

/** A client's key without any restriction, as the database would give it; `publicId` names it. */
export function storedKey(publicId: string, overrides: Partial<StoredKey> = {}): StoredKey {
  return {
    id: `id of ${publicId}`,
    publicId,
    name: publicId,
    role: 'client',
    disabled: false,
    models: [],
    routes: [],
    ipAllow: [],
    tags: {},
    requestsPerMinute: undefined,
    requestsPerHour: undefined,
    tokensPerMinute: undefined,
    concurrency: undefined,
    allowProviderState: false,
    createdAt: 0,
    expiresAt: undefined,
    revokedAt: undefined,
    rotatedAt: undefined,
    previousEndsAt: undefined,
    secretHash: Buffer.alloc(32),
    previousHash: undefined,
    ...overrides,
  };
}
