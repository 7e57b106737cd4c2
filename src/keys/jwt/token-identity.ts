import { modelsOfBoth, type Caller } from '../../core/caller.js';
import type { Identity } from '../known-key.js';
import { NamePatterns } from '../name-patterns.js';
import { Restrictions } from '../restrictions.js';
import type { KnownTeam } from '../teams/team.js';
import { shortened } from './shortened.js';
import type { TokenClaims } from './token-claims.js';

const UNRESTRICTED = { disabled: false, ipAllow: [], routes: [] };

/** Who calls with a token. The limits are the configured ones, and the team's. */
export function toTokenIdentity({ sub, role, models }: TokenClaims, keyId: string, team: KnownTeam | undefined): Identity {
  const allowed = modelsOfBoth(models && new NamePatterns(models), team?.models);
  const caller: Caller = {
    keyId,
    keyName: shortened(sub),
    role,
    tenant: team?.id ?? keyId,
    ...(team && { team }),
    ...(allowed && { models: allowed }),
    user: sub,
  };
  return { caller, restrictions: Restrictions.of(UNRESTRICTED, team) };
}
