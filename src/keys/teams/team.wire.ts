import { toLimitsWire } from '../limit-attributes.js';
import type { Team } from './team.js';

/** A team as the API and the audit log show it. */
export function toTeamWire(team: Team) {
  return {
    id: team.id,
    name: team.name,
    disabled: team.disabled,
    models: [...team.models],
    ...toLimitsWire(team),
    created_at: new Date(team.createdAt).toISOString(),
    changed_at: new Date(team.changedAt).toISOString(),
  };
}
