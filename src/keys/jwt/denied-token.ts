import { CLOCK_SKEW_MS } from './token-claims.js';
import type { DeniedClaim } from './token-subjects.js';

/** Tokens that are not taken any more although they are valid. Times are epoch milliseconds. */
export interface DeniedToken {
  /** Made of what is denied: the same whenever that is denied. */
  readonly id: string;
  readonly claim: DeniedClaim;
  readonly issuer: string;
  /** What the claim is in the tokens that are denied. */
  readonly value: string;
  readonly reason: string | undefined;
  readonly deniedAt: number;
  /** The id of the key that asked for it. */
  readonly deniedBy: string;
  /** When the last token that it concerns is over by what that says; undefined = never. */
  readonly expiresAt: number | undefined;
}

/** Which denials to list. */
export interface DenialsQuestion {
  readonly limit: number;
  /** Only what was denied before the one with this id. */
  readonly before?: string | undefined;
}

/** When a denial is over, in epoch milliseconds: tokens are taken for as long as clocks may differ after they have expired. */
export function endOfDenial({ expiresAt }: DeniedToken): number {
  return expiresAt === undefined ? Infinity : expiresAt + CLOCK_SKEW_MS;
}

/** As the API and the audit log show it. */
export function toDeniedTokenWire({ claim, value, ...denied }: DeniedToken) {
  return {
    id: denied.id,
    jti: claim === 'jti' ? value : null,
    sub: claim === 'sub' ? value : null,
    issuer: denied.issuer,
    reason: denied.reason ?? null,
    denied_at: new Date(denied.deniedAt).toISOString(),
    denied_by: denied.deniedBy,
    expires_at: denied.expiresAt === undefined ? null : new Date(denied.expiresAt).toISOString(),
  };
}
