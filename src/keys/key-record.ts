import type { KeyAttributes } from './key-attributes.js';

/** What may be shown of a key. Times are epoch milliseconds. */
export interface KeyRecord extends KeyAttributes {
  readonly id: string;
  readonly publicId: string;
  readonly createdAt: number;
  readonly revokedAt: number | undefined;
  /** When its secret was last replaced; undefined = never. */
  readonly rotatedAt: number | undefined;
  /** When the secret before that one ends, or ended. */
  readonly previousEndsAt: number | undefined;
}

/** A key as it is kept: of its secrets there are only the digests. */
export interface StoredKey extends KeyRecord {
  readonly secretHash: Uint8Array;
  readonly previousHash: Uint8Array | undefined;
}

/** A key that was just made, or has a new secret: the only moment at which its text exists. */
export interface NewKey {
  readonly key: string;
  readonly record: KeyRecord;
}

export const KEY_STATES = ['active', 'disabled', 'expired', 'revoked'] as const;
export type KeyState = (typeof KEY_STATES)[number];

/** What is final comes before what can be undone. */
export function stateOf({ revokedAt, expiresAt, disabled }: KeyRecord, nowMs: number): KeyState {
  if (revokedAt !== undefined) return 'revoked';
  if (expiresAt !== undefined && expiresAt <= nowMs) return 'expired';
  return disabled ? 'disabled' : 'active';
}

/** Which keys to list, and how many of them. */
export interface KeyQuestion {
  /** Text that their names contain, in upper or lower case. */
  readonly nameContains?: string | undefined;
  readonly role?: string | undefined;
  /** Only those of the team with this id. */
  readonly teamId?: string | undefined;
  readonly state?: KeyState | undefined;
  /** Only those that were made before the one with this id. */
  readonly before?: string | undefined;
  readonly limit?: number | undefined;
}
