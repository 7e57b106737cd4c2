import { Inject, Injectable } from '@nestjs/common';
import { isDeepStrictEqual } from 'node:util';
import { CLOCK, type Clock } from '../../core/clock.js';
import { GatewayError } from '../../core/errors.js';
import { makeId } from '../../core/ids.js';
import { type Actor, CONFIG, type Config, type Transaction } from '../../platform/index.js';
import { requireKey } from '../keys.store.js';
import { staticKeyIds } from '../static-keys.js';
import { answered, confirmed } from '../store-answers.js';
import { requireTeam } from '../teams/teams.store.js';
import {
  type EndUser,
  type EndUserChanges,
  type EndUserQuestion,
  type EndUserWishes,
  toUserAttributes,
  type Whose,
  withUserChanges,
} from './end-user.js';
import { EndUsersStore } from './end-users.store.js';
import { KnownEndUsers } from './known-end-users.js';

/**
 * What administrators do with end users. A change is in effect here when it resolves, and in other processes within a second.
 * undefined means that none has this id. Whatever is thrown for another reason than the request itself is `service_unavailable`.
 */
@Injectable()
export class EndUsersService {
  private readonly staticKeys: ReadonlySet<string>;

  constructor(
    private readonly store: EndUsersStore,
    @Inject(KnownEndUsers) private readonly live: Pick<KnownEndUsers, 'refresh'>,
    @Inject(CONFIG) config: Pick<Config, 'keys'>,
    @Inject(CLOCK) private readonly clock: Pick<Clock, 'now'>,
  ) {
    this.staticKeys = staticKeyIds(config.keys);
  }

  /** Throws `invalid_request` where there is no such tenant, and `conflict` where the same is recorded already. */
  async create(whose: Whose, { userId, ...wishes }: EndUserWishes, by: Actor): Promise<EndUser> {
    const now = this.clock.now();
    const user = { id: makeId(now), userId, ...toUserAttributes(wishes), createdAt: now, changedAt: now };
    const made = await confirmed(this.store.insert(user, (transaction) => this.findTenant(transaction, whose), by));
    await this.live.refresh(made.id);
    return made;
  }

  /** Newest first. */
  list(question: EndUserQuestion): Promise<readonly EndUser[]> {
    return answered(this.store.list(question));
  }

  find(id: string): Promise<EndUser | undefined> {
    return answered(this.store.find(id));
  }

  change(id: string, changes: EndUserChanges, by: Actor): Promise<EndUser | undefined> {
    const changedAt = this.clock.now();
    return this.apply(id, by, (user) => {
      const changed = withUserChanges(user, changes);
      return isDeepStrictEqual(changed, user) ? user : { ...changed, changedAt };
    });
  }

  /** From then on it is like anybody. */
  delete(id: string, by: Actor): Promise<EndUser | undefined> {
    return this.apply(id, by, () => undefined);
  }

  private async apply(id: string, by: Actor, decide: (before: EndUser) => EndUser | undefined): Promise<EndUser | undefined> {
    const user = await confirmed(this.store.change(id, by, decide));
    if (user) await this.live.refresh(user.id);
    return user;
  }

  private async findTenant(transaction: Transaction, whose: Whose): Promise<string> {
    if ('team' in whose) {
      await requireTeam(transaction, whose.team);
      return whose.team.toLowerCase();
    }
    if (this.staticKeys.has(whose.key)) return whose.key;
    const { id, teamId } = await requireKey(transaction, whose.key);
    if (teamId === null) return id;
    throw new GatewayError('invalid_request', `This key belongs to a team, and so do its end users. Send \`team\`: ${teamId}.`, {
      param: 'key',
    });
  }
}
