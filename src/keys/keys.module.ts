import { Module } from '@nestjs/common';
import { CLOCK, type Clock } from '../core/clock.js';
import { LOG, type Log, Notifications } from '../platform/index.js';
import { Authenticator } from './authenticator.js';
import { FailedAttempts } from './failed-attempts.js';
import { KeyGuard } from './key.guard.js';
import { KnownKeys } from './known-keys.js';
import { KeysService } from './keys.service.js';
import { KEYS_CHANNEL, KeysStore } from './keys.store.js';

@Module({
  providers: [
    KeysStore,
    { provide: KnownKeys, useFactory: rememberKeys, inject: [KeysStore, Notifications, CLOCK, LOG] },
    Authenticator,
    FailedAttempts,
    KeysService,
    KeyGuard,
  ],
  exports: [KeysService, KeyGuard],
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
