import type { AllowedModels, TeamStanding } from '../../core/caller.js';
import { toAllowedModels } from '../allowed-models.js';
import { withChanges } from '../changes.js';
import { type LimitAttributes, NO_LIMITS, toRateLimits } from '../limit-attributes.js';

/** What administrators decide about a team. Limits count all its keys together. */
export interface TeamAttributes extends LimitAttributes {
  readonly name: string;
  /** Its keys are refused until it is switched on again. */
  readonly disabled: boolean;
  /** Names of models, or patterns with `*`: a key may use what itself and its team both allow. Empty = all. */
  readonly models: readonly string[];
}

/** A team as it is kept. Times are epoch milliseconds. */
export interface Team extends TeamAttributes {
  readonly id: string;
  readonly createdAt: number;
  readonly changedAt: number;
}

export type TeamWishes = Pick<TeamAttributes, 'name'> & TeamChanges;

/** A field that is absent stays as it is; one that is undefined goes back to its default. */
export type TeamChanges = Partial<TeamAttributes>;

/** Which teams to list, and how many of them. */
export interface TeamQuestion {
  /** Text that their names contain, in upper or lower case. */
  readonly nameContains?: string | undefined;
  readonly disabled?: boolean | undefined;
  /** Only those that were made before the one with this id. */
  readonly before?: string | undefined;
  readonly limit: number;
}

/** What calls need to know of a team. Another object once anything of it has changed. */
export interface KnownTeam extends TeamStanding {
  readonly isDisabled: boolean;
  /** Absent = all. */
  readonly models?: AllowedModels;
}

const DEFAULTS: Omit<TeamAttributes, 'name'> = { disabled: false, models: [], ...NO_LIMITS };

export function toTeamAttributes({ name, ...wishes }: TeamWishes): TeamAttributes {
  return withTeamChanges({ ...DEFAULTS, name }, wishes);
}

export function withTeamChanges<Changed extends TeamAttributes>(team: Changed, changes: TeamChanges): Changed {
  return withChanges<TeamAttributes, Changed>(team, changes, DEFAULTS);
}

export function toKnownTeam(team: Team): KnownTeam {
  const models = toAllowedModels(team.models);
  return { id: team.id, name: team.name, isDisabled: team.disabled, ...(models && { models }), limits: toRateLimits(team) };
}
