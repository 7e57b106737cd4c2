import type { Clock } from '../../core/clock.js';
import type { KnownTeam } from '../teams/team.js';
import type { Teams } from '../teams/teams.js';
import { forbiddenToken, uncheckedToken } from './token-errors.js';
import { shortened } from './shortened.js';

/** The database is not asked again for a team that it did not know, however many tokens name it. */
const UNKNOWN_MS = 1_000;
const MAX_UNKNOWN = 1_000;

interface Question {
  readonly askedAtMs: number;
  readonly answer: Promise<KnownTeam>;
}

/** The teams that tokens name, by id or by name. */
export class TokenTeams {
  private readonly asked = new Map<string, Question>();

  constructor(
    private readonly teams: Pick<Teams, 'find' | 'findByName' | 'load'>,
    private readonly clock: Pick<Clock, 'elapsed'>,
  ) {}

  /** Synchronous when memory knows it. Rejects with `forbidden` where there is none, and with `service_unavailable` where nobody can tell. */
  find(named: string): KnownTeam | Promise<KnownTeam> {
    return this.teams.find(named) ?? this.teams.findByName(named) ?? this.ask(named);
  }

  /** It may have been made a moment ago. */
  private ask(named: string): Promise<KnownTeam> {
    const askedAtMs = this.clock.elapsed();
    const asked = this.asked.get(named);
    if (asked && askedAtMs - asked.askedAtMs < UNKNOWN_MS) return asked.answer;
    const answer = this.load(named);
    this.asked.delete(named);
    this.asked.set(named, { askedAtMs, answer });
    if (this.asked.size > MAX_UNKNOWN) this.asked.delete(this.asked.keys().next().value!);
    return answer;
  }

  private async load(named: string): Promise<KnownTeam> {
    const team = await this.teams.load(named).catch((cause: unknown) => {
      throw uncheckedToken('the database does not answer', cause);
    });
    if (team) return team;
    const message = `The team \`${shortened(named)}\` of this token does not exist. Ask an administrator to make it, or for a token with another \`team\`.`;
    throw forbiddenToken(message);
  }
}
