/** `client` calls models; `viewer` reads all of the administration; `admin` may do everything. */
export type Role = 'client' | 'viewer' | 'admin';

/** The models that somebody may use. */
export interface AllowedModels {
  /** Is the model one of them that has all these names: as clients ask for it, as a provider knows it, `provider/model`? */
  includes(...names: readonly string[]): boolean;
}

/** The models that both may use; undefined = all. */
export function modelsOfBoth(one: AllowedModels | undefined, other: AllowedModels | undefined): AllowedModels | undefined {
  if (!one || !other) return one ?? other;
  return { includes: (...names) => one.includes(...names) && other.includes(...names) };
}

/** How often somebody may call: 0 = no limit, absent = as configured, or for a team none. */
export interface RateLimits {
  readonly requestsPerMinute?: number;
  readonly requestsPerHour?: number;
  readonly tokensPerMinute?: number;
  /** Calls at the same time. */
  readonly concurrency?: number;
}

/** The team whose purse a key spends from, as it stands now. Another object once anything of it has changed. */
export interface TeamStanding {
  readonly id: string;
  readonly name: string;
  readonly limits?: RateLimits;
}

/** Who is calling, as the key guard found out. Nothing in it is secret. Another object once anything of it has changed. */
export interface Caller {
  /** Of a JWT: its issuer and subject. */
  readonly keyId: string;
  readonly keyName: string;
  readonly role: Role;
  /** Whose money, cache and counters: the team's id, or the key's own where it has none. */
  readonly tenant: string;
  readonly team?: TeamStanding;
  /** May name things at providers that the gateway did not see being made: files, stored prompts. Absent = no. */
  readonly allowProviderState?: boolean;
  /** What the key and its team both allow. Absent = all. */
  readonly models?: AllowedModels;
  /** The key's own, which come before the configured ones. */
  readonly limits?: RateLimits;
  /** The end user that is proven (a JWT's `sub`): it stands over whatever the request names. */
  readonly user?: string;
  /** Calls that name no end user are refused. */
  readonly requiresUser?: boolean;
  /** Set on the key; requests may add others and override none. */
  readonly tags?: Readonly<Record<string, string>>;
}

/** Injection token of `EndUsers`. */
export const END_USERS = Symbol('END_USERS');

/** What was decided about an end user. Another object once anything of it has changed. */
export interface EndUserStanding {
  readonly isDisabled: boolean;
  /** Absent = all that the key may use. */
  readonly models?: AllowedModels;
  readonly limits?: RateLimits;
}

/** The end users about whom something was decided; all others are like anybody. A look-up in memory. */
export interface EndUsers {
  find(tenant: string, userId: string): EndUserStanding | undefined;
}
