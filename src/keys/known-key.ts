import type { Caller, RateLimits } from '../core/caller.js';
import type { StoredKey } from './key-record.js';
import { NamePatterns } from './name-patterns.js';
import { Restrictions } from './restrictions.js';

/** Who somebody has proved to be, and what that is worth. */
export interface Identity {
  readonly caller: Caller;
  /** undefined = may be used from anywhere for whatever its role allows. */
  readonly restrictions?: Restrictions | undefined;
}

/** What a call needs of a key, made once per look-up and not per call. */
export interface KnownKey extends Identity {
  readonly secretHash: Uint8Array;
  /** Of the secret before the last rotation. */
  readonly previousHash?: Uint8Array | undefined;
  /** Epoch milliseconds. */
  readonly previousEndsAt?: number | undefined;
  /** Epoch milliseconds; `Infinity` = never. */
  readonly expiresAt: number;
  readonly isRevoked: boolean;
}

/** The key's own id, not its public id, is who calls: it stays when a key's text is replaced. */
export function toKnownKey(key: StoredKey): KnownKey {
  return {
    caller: toCaller(key),
    restrictions: Restrictions.of(key),
    secretHash: key.secretHash,
    previousHash: key.previousHash,
    previousEndsAt: key.previousEndsAt,
    expiresAt: key.expiresAt ?? Infinity,
    isRevoked: key.revokedAt !== undefined,
  };
}

function toCaller({ id, name, role, models, allowProviderState, ...key }: StoredKey): Caller {
  return {
    keyId: id,
    keyName: name,
    role,
    tenant: id,
    ...(allowProviderState && { allowProviderState }),
    ...(models.length > 0 && { models: new NamePatterns(models) }),
    limits: toLimits(key),
    ...(Object.keys(key.tags).length > 0 && { tags: key.tags }),
  };
}

function toLimits({ requestsPerMinute, requestsPerHour, tokensPerMinute, concurrency }: Pick<StoredKey, keyof RateLimits>): RateLimits {
  return {
    ...(requestsPerMinute !== undefined && { requestsPerMinute }),
    ...(requestsPerHour !== undefined && { requestsPerHour }),
    ...(tokensPerMinute !== undefined && { tokensPerMinute }),
    ...(concurrency !== undefined && { concurrency }),
  };
}
