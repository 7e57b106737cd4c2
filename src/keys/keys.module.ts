import { Module } from '@nestjs/common';
import { END_USERS } from '../core/caller.js';
import { CLOCK, type Clock } from '../core/clock.js';
import { LOG, type Log, Notifications } from '../platform/index.js';
import { Authenticator } from './authenticator.js';
import { FailedAttempts } from './failed-attempts.js';
import { DenialsService } from './jwt/denials.service.js';
import { JWT_PROVIDERS } from './jwt/jwt.providers.js';
import { KeyGuard } from './key.guard.js';
import { KnownKeys } from './known-keys.js';
import { KeysService } from './keys.service.js';
import { KEYS_CHANNEL, KeysStore } from './keys.store.js';
import { Teams } from './teams/teams.js';
import { TeamsService } from './teams/teams.service.js';
import { TeamsStore } from './teams/teams.store.js';
import { EndUsersService } from './users/end-users.service.js';
import { EndUsersStore } from './users/end-users.store.js';
import { KnownEndUsers } from './users/known-end-users.js';

@Module({
  providers: [
    KeysStore,
    { provide: KnownKeys, useFactory: rememberKeys, inject: [KeysStore, Notifications, CLOCK, LOG] },
    Authenticator,
    FailedAttempts,
    KeysService,
    KeyGuard,
    TeamsStore,
    Teams,
    TeamsService,
    EndUsersStore,
    KnownEndUsers,
    { provide: END_USERS, useExisting: KnownEndUsers },
    EndUsersService,
    ...JWT_PROVIDERS,
  ],
  exports: [KeysService, KeyGuard, TeamsService, EndUsersService, END_USERS, DenialsService],
})
export class KeysModule {}

function rememberKeys(store: KeysStore, notifications: Notifications, clock: Clock, log: Log): KnownKeys {
  const known = new KnownKeys((publicIds) => store.findByPublicIds(publicIds), notifications, clock, log);
  notifications.subscribe(
    KEYS_CHANNEL,
    (publicId) => known.forget(publicId),
    () => known.doubtAll(),
  );
  return known;
}
