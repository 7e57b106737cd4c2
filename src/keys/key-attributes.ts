import type { Role } from '../core/caller.js';
import { withChanges } from './changes.js';
import { type LimitAttributes, NO_LIMITS } from './limit-attributes.js';

/** From the least to the most that a key may do. */
export const ROLES = ['client', 'viewer', 'admin'] as const satisfies readonly Role[];

/** What administrators decide about a key. Empty lists restrict nothing; limits come before the configured ones. */
export interface KeyAttributes extends LimitAttributes {
  readonly name: string;
  readonly role: Role;
  /** The id of its team; undefined = it has none, and is a tenant of its own. */
  readonly teamId: string | undefined;
  /** Refuses calls that name no end user. */
  readonly requireUser: boolean;
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
  /** See `Caller.allowProviderState`. */
  readonly allowProviderState: boolean;
}

/** What somebody wishes of a new key; what is left out restricts nothing and allows nothing special. */
export type KeyWishes = Pick<KeyAttributes, 'name' | 'role'> & KeyChanges;

/** What is to become of a key. A field that is absent stays as it is; one that is undefined goes back to its default. */
export type KeyChanges = Partial<KeyAttributes>;

type Optional = Omit<KeyAttributes, 'name' | 'role'>;

const DEFAULTS: Optional = {
  teamId: undefined,
  requireUser: false,
  disabled: false,
  expiresAt: undefined,
  models: [],
  routes: [],
  ipAllow: [],
  tags: {},
  ...NO_LIMITS,
  allowProviderState: false,
};

export function toAttributes({ name, role, ...wishes }: KeyWishes): KeyAttributes {
  return withKeyChanges({ ...DEFAULTS, name, role }, wishes);
}

export function withKeyChanges<Key extends KeyAttributes>(key: Key, changes: KeyChanges): Key {
  return withChanges<KeyAttributes, Key>(key, changes, DEFAULTS);
}
