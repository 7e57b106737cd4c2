import { toAttributes } from '../../src/keys/key-attributes.js';
import type { StoredKey } from '../../src/keys/key-record.js';

/** A client's key without any restriction, as the database would give it; `publicId` names it. */
export function storedKey(publicId: string, overrides: Partial<StoredKey> = {}): StoredKey {
  return {
    id: `id of ${publicId}`,
    publicId,
    ...toAttributes({ name: publicId, role: 'client' }),
    createdAt: 0,
    revokedAt: undefined,
    rotatedAt: undefined,
    previousEndsAt: undefined,
    secretHash: Buffer.alloc(32),
    previousHash: undefined,
    ...overrides,
  };
}
