import type { Provider } from '@nestjs/common';
import { CLOCK, type Clock } from '../../core/clock.js';
import { CONFIG, type Config, LOG, type Log } from '../../platform/index.js';
import { Teams } from '../teams/teams.js';
import { DenialsService } from './denials.service.js';
import { DeniedTokens } from './denied-tokens.js';
import { DeniedTokensStore } from './denied-tokens.store.js';
import { fetchKeySet } from './fetch-key-set.js';
import { PublishedKeys } from './published-keys.js';
import { TokenAuthenticator } from './token-authenticator.js';
import { SharedSecret, type TokenKeys } from './token-keys.js';
import { TokenTeams } from './token-teams.js';
import { TokenVerifier } from './token-verifier.js';

/** `TokenAuthenticator` is undefined where no JWT is accepted. */
export const JWT_PROVIDERS: Provider[] = [
  DeniedTokensStore,
  DeniedTokens,
  DenialsService,
  { provide: TokenAuthenticator, useFactory: openTokens, inject: [CONFIG, DeniedTokens, Teams, CLOCK, LOG] },
];

function openTokens(
  { jwt }: Pick<Config, 'jwt'>,
  denied: DeniedTokens,
  teams: Teams,
  clock: Clock,
  log: Log,
): TokenAuthenticator | undefined {
  if (!jwt) return undefined;
  const keys = openKeys(jwt.verify, clock, log);
  const verifier = new TokenVerifier(jwt, keys, clock, log);
  return new TokenAuthenticator({ issuer: jwt.issuer, keys, verifier, denied, teams: new TokenTeams(teams, clock) }, clock);
}

function openKeys(verify: NonNullable<Config['jwt']>['verify'], clock: Clock, log: Log): TokenKeys {
  if ('secret' in verify) return new SharedSecret(verify.secret.reveal());
  const keys = new PublishedKeys(() => fetchKeySet(verify.jwksUrl), clock, log);
  // The first token is not to wait for them, nor the start.
  void keys.start();
  return keys;
}
