import { timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../core/clock.js';
import { GatewayError } from '../core/errors.js';
import { CONFIG, type Config } from '../platform/index.js';
import { endedKey, invalidKey } from './credentials.js';
import { TokenAuthenticator } from './jwt/token-authenticator.js';
import { digestOf, findKeyParts } from './key-text.js';
import type { Identity, KnownKey } from './known-key.js';
import { KnownKeys } from './known-keys.js';
import { Teams } from './teams/teams.js';
import { StaticKeys } from './static-keys.js';

/** An unknown key is compared with this, so that it takes the same way as a known one. */
const NO_SECRET = Buffer.alloc(32);

/** Finds out who presents a key. */
@Injectable()
export class Authenticator {
  private readonly fixed: StaticKeys;

  constructor(
    @Inject(KnownKeys) private readonly known: Pick<KnownKeys, 'find'>,
    @Inject(Teams) private readonly teams: Pick<Teams, 'find' | 'load'>,
    @Inject(CONFIG) config: Pick<Config, 'keys'>,
    @Inject(CLOCK) private readonly clock: Pick<Clock, 'now'>,
    /** undefined = no JWT is accepted. */
    @Inject(TokenAuthenticator) private readonly tokens?: Pick<TokenAuthenticator, 'authenticate'>,
  ) {
    this.fixed = new StaticKeys(config.keys);
  }

  /**
   * Synchronous whenever the key is remembered, which is always on a busy path: then a call waits for nothing. Throws, or
   * rejects with, `unauthenticated`; `service_unavailable` if the database cannot be asked.
   */
  authenticate(presented: string): Identity | Promise<Identity> {
    const fixed = this.fixed.find(presented);
    if (fixed) return fixed;
    const parts = findKeyParts(presented);
    if (!parts && this.tokens) return this.tokens.authenticate(presented);
    if (!parts) throw invalidKey();
    const known = this.known.find(parts.publicId);
    if (!(known instanceof Promise)) return this.verify(known, parts.secret);
    return known.catch(cannotCheck).then((found) => this.verify(found, parts.secret));
  }

  private verify(known: KnownKey | undefined, secret: string): Identity | Promise<Identity> {
    const digest = digestOf(secret);
    const isCurrent = timingSafeEqual(digest, known?.secretHash ?? NO_SECRET);
    const isPrevious = !isCurrent && timingSafeEqual(digest, known?.previousHash ?? NO_SECRET);
    if (!known || !(isCurrent || isPrevious)) throw invalidKey();
    const nowMs = this.clock.now();
    if (known.isRevoked) throw endedKey('was revoked');
    if (known.expiresAt <= nowMs) throw endedKey('has expired');
    if (!isCurrent && !(known.previousEndsAt! > nowMs)) throw endedKey('was replaced by a new one');
    return this.identify(known);
  }

  /** The team is looked up at each call: what changes of it holds at once for keys that are remembered. */
  private identify(known: KnownKey): Identity | Promise<Identity> {
    const { teamId } = known;
    if (teamId === undefined) return known.identityIn(undefined);
    const team = this.teams.find(teamId);
    return team ? known.identityIn(team) : this.awaitTeam(known, teamId);
  }

  /** It may have been made a moment ago. */
  private async awaitTeam(known: KnownKey, teamId: string): Promise<Identity> {
    const team = await this.teams.load(teamId).catch(cannotCheck);
    return team ? known.identityIn(team) : cannotCheck(new Error('the team of the key is gone'));
  }
}

function cannotCheck(cause: unknown): never {
  const message = 'This API key cannot be checked at the moment, because the database does not answer. Try again in a few seconds.';
  throw new GatewayError('service_unavailable', message, { retryAfterMs: 2_000, cause });
}
