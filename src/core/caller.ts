/** `client` calls models; `viewer` reads all of the administration; `admin` may do everything. */
export type Role = 'client' | 'viewer' | 'admin';

/** The models that somebody may use. */
export interface AllowedModels {
  /** `name`: as clients ask for it, as a provider knows it, or `provider/model`. */
  includes(name: string): boolean;
}

/** Who is calling, as the key guard found out. Nothing in it is secret. */
export interface Caller {
  readonly keyId: string;
  readonly keyName: string;
  readonly role: Role;
  /** Whose money, cache and counters: the team, or the key itself where it has none. */
  readonly tenant: string;
  /** May name things at providers that the gateway did not see being made: files, stored prompts. Absent = no. */
  readonly allowProviderState?: boolean;
  /** Absent = all. */
  readonly models?: AllowedModels;
  /** Limits of its own, which come before the configured ones: 0 = no limit, absent = as configured. */
  readonly requestsPerMinute?: number;
  readonly requestsPerHour?: number;
  /** Calls at the same time. */
  readonly concurrency?: number;
}
