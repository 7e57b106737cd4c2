import type { EndUserStanding } from '../../core/caller.js';
import { toAllowedModels } from '../allowed-models.js';
import { withChanges } from '../changes.js';
import { type LimitAttributes, NO_LIMITS, toRateLimits } from '../limit-attributes.js';

/** What administrators decide about an end user. */
export interface EndUserAttributes extends LimitAttributes {
  /** For people; undefined = none. */
  readonly name: string | undefined;
  /** Calls that name it are refused until it is switched on again. */
  readonly disabled: boolean;
  /** Names of models, or patterns with `*`: its calls may use what the key and this both allow. Empty = all. */
  readonly models: readonly string[];
}

/** An end user about whom something was decided. Times are epoch milliseconds. */
export interface EndUser extends EndUserAttributes {
  readonly id: string;
  /** A team's id, or the id of a key without team. */
  readonly tenant: string;
  /** As calls name it. */
  readonly userId: string;
  readonly createdAt: number;
  readonly changedAt: number;
}

/** Within a team, or at a key that has none; keys may be named by their public id. */
export type Whose = { readonly team: string } | { readonly key: string };

export type EndUserWishes = Pick<EndUser, 'userId'> & EndUserChanges;

/** A field that is absent stays as it is; one that is undefined goes back to its default. */
export type EndUserChanges = Partial<EndUserAttributes>;

/** Which end users to list, and how many of them. */
export interface EndUserQuestion {
  readonly tenant?: string | undefined;
  /** Exactly as calls name it. */
  readonly userId?: string | undefined;
  readonly disabled?: boolean | undefined;
  /** Only those that were made before the one with this id. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** What calls need to know of an end user. */
export interface KnownEndUser extends EndUserStanding, Pick<EndUser, 'id' | 'tenant' | 'userId'> {}

const DEFAULTS: EndUserAttributes = { name: undefined, disabled: false, models: [], ...NO_LIMITS };

export function withUserChanges<Changed extends EndUserAttributes>(user: Changed, changes: EndUserChanges): Changed {
  return withChanges<EndUserAttributes, Changed>(user, changes, DEFAULTS);
}

export function toUserAttributes(wishes: EndUserChanges): EndUserAttributes {
  return withUserChanges(DEFAULTS, wishes);
}

export function toKnownEndUser(user: EndUser): KnownEndUser {
  const { id, tenant, userId, disabled } = user;
  const models = toAllowedModels(user.models);
  return { id, tenant, userId, isDisabled: disabled, ...(models && { models }), limits: toRateLimits(user) };
}
