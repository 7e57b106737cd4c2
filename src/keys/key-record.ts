import type { Role } from '../core/caller.js';

/** What may be shown of a key. Times are epoch milliseconds. */
export interface KeyRecord {
  readonly id: string;
  readonly publicId: string;
  readonly name: string;
  readonly role: Role;
  readonly createdAt: number;
  /** undefined = never. */
  readonly expiresAt: number | undefined;
  readonly revokedAt: number | undefined;
  /** See `Caller.allowProviderState`. */
  readonly allowProviderState: boolean;
}

/** A key as it is kept: of its secret there is only the digest. */
export interface StoredKey extends KeyRecord {
  readonly secretHash: Uint8Array;
}

/** A key that was just made: the only moment at which its text exists. */
export interface NewKey {
  readonly key: string;
  readonly record: KeyRecord;
}
