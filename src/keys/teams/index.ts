export type { Team, TeamChanges } from './team.js';
export { toTeamWire } from './team.wire.js';
export { TeamsService } from './teams.service.js';
