import { Inject, Injectable } from '@nestjs/common';
import { isDeepStrictEqual } from 'node:util';
import { CLOCK, type Clock } from '../../core/clock.js';
import { makeId } from '../../core/ids.js';
import type { Actor } from '../../platform/index.js';
import { answered, confirmed } from '../store-answers.js';
import { type Team, type TeamChanges, type TeamQuestion, type TeamWishes, toTeamAttributes, withTeamChanges } from './team.js';
import { Teams } from './teams.js';
import { TeamsStore } from './teams.store.js';

/**
 * What administrators do with teams. A change is in effect here when it resolves, and in other processes within a second.
 * undefined means that there is no such team. Whatever is thrown for another reason than the request itself is `service_unavailable`.
 */
@Injectable()
export class TeamsService {
  constructor(
    private readonly store: TeamsStore,
    @Inject(Teams) private readonly live: Pick<Teams, 'refresh'>,
    @Inject(CLOCK) private readonly clock: Pick<Clock, 'now'>,
  ) {}

  /** Throws `conflict` where another team has the name. */
  async create(wishes: TeamWishes, by: Actor): Promise<Team> {
    const now = this.clock.now();
    const team = { id: makeId(now), ...toTeamAttributes(wishes), createdAt: now, changedAt: now };
    await confirmed(this.store.insert(team, by));
    await this.live.refresh(team.id);
    return team;
  }

  /** Newest first. */
  list(question: TeamQuestion): Promise<readonly Team[]> {
    return answered(this.store.list(question));
  }

  find(id: string): Promise<Team | undefined> {
    return answered(this.store.find(id));
  }

  /** Throws `conflict` where another team has its new name. */
  async change(id: string, changes: TeamChanges, by: Actor): Promise<Team | undefined> {
    const changedAt = this.clock.now();
    const decide = (team: Team): Team => {
      const changed = withTeamChanges(team, changes);
      return isDeepStrictEqual(changed, team) ? team : { ...changed, changedAt };
    };
    const team = await confirmed(this.store.change(id, by, decide));
    if (team) await this.live.refresh(team.id);
    return team;
  }

  /** Its end users go with it. Throws `conflict` while it has keys, also such as have ended. */
  async delete(id: string, by: Actor): Promise<Team | undefined> {
    const team = await confirmed(this.store.delete(id, by));
    if (team) await this.live.refresh(team.id);
    return team;
  }
}
