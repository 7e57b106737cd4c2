/** `client` calls models; `viewer` reads all of the administration; `admin` may do everything. */
export type Role = 'client' | 'viewer' | 'admin';

/** Who is calling, as the key guard found out. Nothing in it is secret. */
export interface Caller {
  readonly keyId: string;
  readonly keyName: string;
  readonly role: Role;
  /** Whose money, cache and counters: the team, or the key itself where it has none. */
  readonly tenant: string;
  /** May name things at providers that the gateway did not see being made: files, stored prompts. Absent = no. */
  readonly allowProviderState?: boolean;
}
