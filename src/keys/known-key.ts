import type { Caller } from '../core/caller.js';
import type { StoredKey } from './key-record.js';

/** What a call needs of a key, made once per look-up and not per call. */
export interface KnownKey {
  readonly caller: Caller;
  readonly secretHash: Uint8Array;
  /** Epoch milliseconds; `Infinity` = never. */
  readonly expiresAt: number;
  readonly isRevoked: boolean;
}

/** The key's own id, not its public id, is who calls: it stays when a key's text is replaced. */
export function toKnownKey({ id, name, role, secretHash, expiresAt, revokedAt, allowProviderState }: StoredKey): KnownKey {
  return {
    caller: { keyId: id, keyName: name, role, tenant: id, ...(allowProviderState && { allowProviderState }) },
    secretHash,
    expiresAt: expiresAt ?? Infinity,
    isRevoked: revokedAt !== undefined,
  };
}
