import { systemClock } from '../../src/core/clock.js';
import { EndUsersService, type KeysService, TeamsService } from '../../src/keys/index.js';
import type { Authenticator } from '../../src/keys/authenticator.js';
import { KEYS_CHANNEL } from '../../src/keys/keys.store.js';
import { Teams } from '../../src/keys/teams/teams.js';
import { TeamsStore } from '../../src/keys/teams/teams.store.js';
import { EndUsersStore } from '../../src/keys/users/end-users.store.js';
import { KnownEndUsers } from '../../src/keys/users/known-end-users.js';
import { Secret } from '../../src/platform/index.js';
import { keysOver } from './keys.js';
import { openReplica, type Replica } from './replica.js';
import { silentLog } from './silent-log.js';

/** Teams, end users and keys of one process, as after its start. */
export interface People extends Replica {
  readonly keys: KeysService;
  readonly authenticator: Authenticator;
  readonly teams: TeamsService;
  readonly knownTeams: Teams;
  readonly users: EndUsersService;
  readonly knownUsers: KnownEndUsers;
}

/** `directUrl` is what it listens by, where that is another address. Has the static key `client:app`. */
export async function openPeople(url: string, directUrl = url): Promise<People> {
  const replica = await openReplica(url, directUrl);
  const { prisma, audit, notifications, database } = replica;
  const teamsStore = new TeamsStore(prisma, audit);
  const usersStore = new EndUsersStore(prisma, audit);
  const knownTeams = new Teams(teamsStore, notifications, database, silentLog);
  const knownUsers = new KnownEndUsers(usersStore, notifications, database, silentLog);
  const clients = [{ name: 'app', key: new Secret('a-static-key-for-app') }];
  const { keys, known, authenticator } = keysOver(prisma, { clients, news: notifications, teams: knownTeams });
  const config = { keys: { clients, admins: [], metricsToken: undefined, secretKeys: [] } };
  notifications.subscribe(
    KEYS_CHANNEL,
    (publicId) => known.forget(publicId),
    () => known.doubtAll(),
  );
  return {
    ...replica,
    keys,
    authenticator,
    teams: new TeamsService(teamsStore, knownTeams, systemClock),
    knownTeams,
    users: new EndUsersService(usersStore, knownUsers, config, systemClock),
    knownUsers,
    start: async () => {
      await Promise.all([knownTeams.onModuleInit(), knownUsers.onModuleInit()]);
      await replica.start();
    },
    stop: async () => {
      knownTeams.onApplicationShutdown();
      knownUsers.onApplicationShutdown();
      await replica.stop();
    },
  };
}
