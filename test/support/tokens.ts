import type { Clock } from '../../src/core/clock.js';
import { fetchKeySet } from '../../src/keys/jwt/fetch-key-set.js';
import { PublishedKeys } from '../../src/keys/jwt/published-keys.js';
import { TokenAuthenticator, type TokenSurroundings } from '../../src/keys/jwt/token-authenticator.js';
import { SharedSecret, type TokenKeys } from '../../src/keys/jwt/token-keys.js';
import { TokenVerifier } from '../../src/keys/jwt/token-verifier.js';
import type { Identity } from '../../src/keys/known-key.js';
import type { Log } from '../../src/platform/index.js';
import { AUDIENCE, ISSUER } from './identity-provider.js';
import { silentLog } from './silent-log.js';

export const JWT_SECRET = 'a secret of more than thirty-two bytes';
const NOW_MS = Date.parse('2026-11-21T12:00:00Z');

export interface TokenOptions extends Partial<Pick<TokenSurroundings, 'denied' | 'teams'>> {
  /** Without one they are signed with `JWT_SECRET`. */
  readonly jwksUrl?: string;
  readonly algorithms?: readonly string[];
  readonly clock?: Clock;
  readonly log?: Log;
}

/** A clock that stands until a test moves it. */
export class HandClock implements Clock {
  ms = 0;
  now = (): number => NOW_MS + this.ms;
  elapsed = (): number => this.ms;
}

/** What takes tokens in one process; nothing is denied and there are no teams, unless somebody says otherwise. */
export function tokensOver(options: TokenOptions = {}): TokenAuthenticator {
  const { jwksUrl, clock = new HandClock(), log = silentLog } = options;
  const algorithms = options.algorithms ?? (jwksUrl === undefined ? ['HS256'] : ['RS256', 'PS256', 'ES256', 'ES384', 'EdDSA']);
  const keys: TokenKeys = jwksUrl === undefined ? new SharedSecret(JWT_SECRET) : new PublishedKeys(() => fetchKeySet(jwksUrl), clock, log);
  const verifier = new TokenVerifier({ issuer: ISSUER, audience: AUDIENCE, algorithms }, keys, clock, log);
  const { denied = { includesAny: () => false }, teams = { find: () => Promise.reject(new Error('no teams')) } } = options;
  return new TokenAuthenticator({ issuer: ISSUER, keys, verifier, denied, teams }, clock);
}

/** `kind: message` of what a token is refused with; `welcome` if it is not. */
export async function answerTo(tokens: Pick<TokenAuthenticator, 'authenticate'>, token: string): Promise<string> {
  try {
    const identity: Identity = await tokens.authenticate(token);
    return identity.caller.user === undefined ? 'a caller without a user' : 'welcome';
  } catch (error) {
    const { kind, message } = error as { readonly kind: string; readonly message: string };
    return `${kind}: ${message}`;
  }
}
