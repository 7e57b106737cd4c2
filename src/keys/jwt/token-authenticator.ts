import type { Clock } from '../../core/clock.js';
import { invalidKey } from '../credentials.js';
import type { Identity } from '../known-key.js';
import type { KnownTeam } from '../teams/team.js';
import type { DeniedTokens } from './denied-tokens.js';
import { digestToken, type KnownToken, KnownTokens } from './known-tokens.js';
import { findClaims } from './token-claims.js';
import { deniedToken, expiredToken } from './token-errors.js';
import { toTokenIdentity } from './token-identity.js';
import type { TokenKeys, VerificationKey } from './token-keys.js';
import { toDenialId, toSubject, toTokenKeyId } from './token-subjects.js';
import type { TokenTeams } from './token-teams.js';
import type { TokenVerifier } from './token-verifier.js';

/** Three parts of base64url; the last is empty where nothing was signed, which is refused like any wrong signature. */
const TOKEN = /^[\w-]+\.[\w-]+\.[\w-]*$/;

/** What tokens are held against. */
export interface TokenSurroundings {
  readonly issuer: string;
  readonly keys: Pick<TokenKeys, 'current'>;
  readonly verifier: Pick<TokenVerifier, 'verify' | 'refusal'>;
  readonly denied: Pick<DeniedTokens, 'includesAny'>;
  readonly teams: Pick<TokenTeams, 'find'>;
}

/**
 * Finds out who presents a JWT. What was verified once is remembered until it expires or the keys of its issuer change; denials
 * and the team are looked up at each use.
 */
export class TokenAuthenticator {
  private readonly known = new KnownTokens();

  constructor(
    private readonly around: TokenSurroundings,
    private readonly clock: Pick<Clock, 'now'>,
  ) {}

  /** Synchronous whenever the token is remembered. Throws, or rejects with, `unauthenticated`, `forbidden` or `service_unavailable`. */
  authenticate(presented: string): Identity | Promise<Identity> {
    const digest = digestToken(presented);
    const known = this.known.find(digest);
    if (!known && !TOKEN.test(presented)) throw invalidKey();
    const key = this.around.keys.current();
    if (key instanceof Promise) return key.then((current) => this.admitWith(current, known, presented, digest));
    return this.admitWith(key, known, presented, digest);
  }

  private admitWith(key: VerificationKey, known: KnownToken | undefined, presented: string, digest: string): Identity | Promise<Identity> {
    return known?.key === key ? this.admit(known, digest) : this.verify(presented, digest, key);
  }

  private async verify(presented: string, digest: string, key: VerificationKey): Promise<Identity> {
    const verified = await this.around.verifier.verify(presented, key);
    const claims = findClaims(verified.payload);
    if (!claims) throw this.around.verifier.refusal();
    const { issuer } = this.around;
    const denials = [toSubject('sub', issuer, claims.sub), ...(claims.jti === undefined ? [] : [toSubject('jti', issuer, claims.jti)])];
    const known = { claims, keyId: toTokenKeyId(issuer, claims.sub), denials: denials.map(toDenialId), key: verified.key };
    this.known.remember(digest, known);
    return this.admit(known, digest);
  }

  private admit(known: KnownToken, digest: string): Identity | Promise<Identity> {
    if (known.claims.endsAtMs <= this.clock.now()) {
      this.known.forget(digest);
      throw expiredToken();
    }
    if (this.around.denied.includesAny(known.denials)) throw deniedToken();
    const { team: named } = known.claims;
    if (named === undefined) return identityOf(known, undefined);
    const team = this.around.teams.find(named);
    return team instanceof Promise ? team.then((found) => identityOf(known, found)) : identityOf(known, team);
  }
}

/** Another object only where the team has become another. */
function identityOf(known: KnownToken, team: KnownTeam | undefined): Identity {
  if (!known.identity || known.identity.team !== team) known.identity = { of: toTokenIdentity(known.claims, known.keyId, team), team };
  return known.identity.of;
}
