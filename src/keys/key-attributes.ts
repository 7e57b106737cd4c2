import type { Role } from '../core/caller.js';

/** From the least to the most that a key may do. */
export const ROLES = ['client', 'viewer', 'admin'] as const satisfies readonly Role[];

/** What administrators decide about a key. Empty lists restrict nothing. */
export interface KeyAttributes {
  readonly name: string;
  readonly role: Role;
  /** Switched off until it is switched on again. */
  readonly disabled: boolean;
  /** Epoch milliseconds; undefined = never. */
  readonly expiresAt: number | undefined;
  /** Names of models, or patterns with `*`: see `AllowedModels`. */
  readonly models: readonly string[];
  /** Names of `SURFACES`. */
  readonly routes: readonly string[];
  /** Addresses and networks that it may be used from. */
  readonly ipAllow: readonly string[];
  readonly tags: Readonly<Record<string, string>>;
  /** Limits of its own: 0 = no limit, undefined = as configured. */
  readonly requestsPerMinute: number | undefined;
  readonly requestsPerHour: number | undefined;
  /** Kept, and without effect for as long as admission does not count tokens. */
  readonly tokensPerMinute: number | undefined;
  /** Calls at the same time. */
  readonly concurrency: number | undefined;
  /** See `Caller.allowProviderState`. */
  readonly allowProviderState: boolean;
}

/** What somebody wishes of a new key; what is left out restricts nothing and allows nothing special. */
export type KeyWishes = Pick<KeyAttributes, 'name' | 'role'> & KeyChanges;

/** What is to become of a key. A field that is absent stays as it is; one that is undefined goes back to its default. */
export type KeyChanges = Partial<KeyAttributes>;

type Optional = Omit<KeyAttributes, 'name' | 'role'>;

const DEFAULTS: Optional = {
  disabled: false,
  expiresAt: undefined,
  models: [],
  routes: [],
  ipAllow: [],
  tags: {},
  requestsPerMinute: undefined,
  requestsPerHour: undefined,
  tokensPerMinute: undefined,
  concurrency: undefined,
  allowProviderState: false,
};

export function toAttributes({ name, role, ...wishes }: KeyWishes): KeyAttributes {
  return withChanges({ ...DEFAULTS, name, role }, wishes);
}

export function withChanges<Key extends KeyAttributes>(key: Key, changes: KeyChanges): Key {
  const entries = Object.entries(changes).map(([field, value]) => [field, value ?? DEFAULTS[field as keyof Optional]] as const);
  return { ...key, ...Object.fromEntries(entries) };
}
