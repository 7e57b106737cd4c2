import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../../core/clock.js';
import { GatewayError } from '../../core/errors.js';
import { type Actor, CONFIG, type Config } from '../../platform/index.js';
import { answered, confirmed } from '../store-answers.js';
import { type DenialsQuestion, type DeniedToken, endOfDenial } from './denied-token.js';
import { DeniedTokens } from './denied-tokens.js';
import { DeniedTokensStore } from './denied-tokens.store.js';
import { type DeniedClaim, toDenialId, toSubject, toTokenKeyId } from './token-subjects.js';

/** What an administrator wishes to be denied. */
export interface Denial {
  readonly claim: DeniedClaim;
  readonly value: string;
  readonly reason?: string | undefined;
  /** Epoch milliseconds; undefined = never. */
  readonly expiresAt?: number | undefined;
}

/**
 * What administrators do about tokens. A change is in effect here when it resolves, and in other processes within a second.
 * Whatever is thrown for another reason than the request itself is `service_unavailable`.
 */
@Injectable()
export class DenialsService {
  constructor(
    private readonly store: DeniedTokensStore,
    @Inject(DeniedTokens) private readonly denied: Pick<DeniedTokens, 'refresh'>,
    @Inject(CONFIG) private readonly config: Pick<Config, 'jwt'>,
    @Inject(CLOCK) private readonly clock: Pick<Clock, 'now'>,
  ) {}

  /** Newest first, and only those in force. */
  list(question: DenialsQuestion): Promise<readonly DeniedToken[]> {
    return answered(this.store.list(question, this.clock.now()));
  }

  /** Throws `conflict` where no JWT is taken anyway, and where whoever asks would lock themselves out. */
  async deny({ claim, value, reason, expiresAt }: Denial, by: Actor): Promise<DeniedToken> {
    const issuer = this.config.jwt?.issuer;
    if (issuer === undefined) throw new GatewayError('conflict', 'No JWT is accepted here. Set `JWT_SECRET` or `JWT_JWKS_URL` first.');
    if (claim === 'sub' && by.id === toTokenKeyId(issuer, value))
      throw new GatewayError('conflict', 'The token that asks for this is one of those that would be denied. Ask with another key.');
    const id = toDenialId(toSubject(claim, issuer, value));
    const denied = { id, claim, issuer, value, reason, expiresAt, deniedAt: this.clock.now(), deniedBy: by.id };
    await this.change(id, this.store.put(denied, by));
    return denied;
  }

  /** Takes a denial back. undefined = there is none with this id. */
  async allow(id: string, by: Actor): Promise<DeniedToken | undefined> {
    const removed = await this.change(id, this.store.remove(id, by));
    return removed && endOfDenial(removed) > this.clock.now() ? removed : undefined;
  }

  private async change<T>(id: string, work: Promise<T>): Promise<T> {
    const done = await confirmed(work);
    await this.denied.refresh(id);
    return done;
  }
}
