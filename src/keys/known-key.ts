import { modelsOfBoth, type Caller } from '../core/caller.js';
import { toAllowedModels } from './allowed-models.js';
import type { StoredKey } from './key-record.js';
import { toRateLimits } from './limit-attributes.js';
import { Restrictions } from './restrictions.js';
import type { KnownTeam } from './teams/team.js';

/** Who somebody has proved to be, and what that is worth. */
export interface Identity {
  readonly caller: Caller;
  /** undefined = may be used from anywhere for whatever its role allows. */
  readonly restrictions?: Restrictions | undefined;
}

/** What a call needs of a key, made once per look-up and not per call. */
export class KnownKey {
  /** The key's own id, not its public id, is who calls: it stays when a key's text is replaced. */
  readonly id: string;
  readonly secretHash: Uint8Array;
  /** Of the secret before the last rotation. */
  readonly previousHash: Uint8Array | undefined;
  /** Epoch milliseconds. */
  readonly previousEndsAt: number | undefined;
  /** Epoch milliseconds; `Infinity` = never. */
  readonly expiresAt: number;
  readonly isRevoked: boolean;
  readonly teamId: string | undefined;
  private last: { readonly team: KnownTeam | undefined; readonly identity: Identity } | undefined;

  constructor(private readonly key: StoredKey) {
    this.id = key.id;
    this.secretHash = key.secretHash;
    this.previousHash = key.previousHash;
    this.previousEndsAt = key.previousEndsAt;
    this.expiresAt = key.expiresAt ?? Infinity;
    this.isRevoked = key.revokedAt !== undefined;
    this.teamId = key.teamId;
  }

  /** Who calls with it, as its team stands now: the same object until that is another. */
  identityIn(team: KnownTeam | undefined): Identity {
    if (this.last?.team !== team || !this.last) this.last = { team, identity: toIdentity(this.key, team) };
    return this.last.identity;
  }
}

/** A member of a team spends its money, and may use what both allow. */
function inTeam(caller: Caller, team: KnownTeam): Caller {
  const models = modelsOfBoth(caller.models, team.models);
  return { ...caller, tenant: team.id, team, ...(models && { models }) };
}

function toIdentity(key: StoredKey, team: KnownTeam | undefined): Identity {
  const caller = toCaller(key);
  return { caller: team ? inTeam(caller, team) : caller, restrictions: Restrictions.of(key, team) };
}

function toCaller(key: StoredKey): Caller {
  const models = toAllowedModels(key.models);
  return {
    keyId: key.id,
    keyName: key.name,
    role: key.role,
    tenant: key.id,
    ...(key.allowProviderState && { allowProviderState: true }),
    ...(models && { models }),
    limits: toRateLimits(key),
    ...(key.requireUser && { requiresUser: true }),
    ...(Object.keys(key.tags).length > 0 && { tags: key.tags }),
  };
}
