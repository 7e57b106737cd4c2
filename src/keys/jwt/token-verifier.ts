import { decodeProtectedHeader, errors, type JWTPayload, jwtVerify, type JWTVerifyOptions, type ProtectedHeaderParameters } from 'jose';
import type { Clock } from '../../core/clock.js';
import type { GatewayError } from '../../core/errors.js';
import type { Log } from '../../platform/index.js';
import { CLOCK_SKEW_MS } from './token-claims.js';
import { expiredToken, invalidToken, type TokenExpectations } from './token-errors.js';
import type { TokenKeys, VerificationKey } from './token-keys.js';

/** Headers by which a token brings the key that it is to be verified with, or says where to get it. */
const BROUGHT_KEYS = ['jwk', 'jku', 'x5u'];

/** A token that is what it says it is, and what showed it. */
export interface VerifiedToken {
  readonly payload: JWTPayload;
  readonly key: VerificationKey;
}

/**
 * Verifies signature, issuer, audience and times. Which algorithms are right is configured: a token's header chooses among
 * them, and nothing else in it is believed but the name of a published key.
 */
export class TokenVerifier {
  private readonly options: JWTVerifyOptions;
  /** The keys among which an unusable one was reported. */
  private reported: VerificationKey | undefined;

  constructor(
    private readonly expected: TokenExpectations,
    private readonly keys: TokenKeys,
    private readonly clock: Pick<Clock, 'now'>,
    private readonly log: Log,
  ) {
    const { issuer, audience, algorithms } = expected;
    this.options = { issuer, audience, algorithms: [...algorithms], clockTolerance: CLOCK_SKEW_MS / 1_000, requiredClaims: ['exp', 'sub'] };
  }

  /** Rejects with `unauthenticated`, or with `service_unavailable` where the keys are not to be had. */
  async verify(token: string, key: VerificationKey): Promise<VerifiedToken> {
    try {
      return await this.verifyWith(token, key);
    } catch (error) {
      const renewed = this.mayBeNewer(error, token) ? await this.keys.renewed(key) : undefined;
      if (!renewed) throw this.toRefusal(error, key);
      return this.verifyWith(token, renewed).catch((again: unknown) => {
        throw this.toRefusal(again, renewed);
      });
    }
  }

  /** What is said of a token for every reason but that it has expired. */
  refusal(): GatewayError {
    return invalidToken(this.expected);
  }

  private async verifyWith(token: string, key: VerificationKey): Promise<VerifiedToken> {
    const header = toHeader(token);
    if (BROUGHT_KEYS.some((name) => name in header)) throw new errors.JWSInvalid('a token does not bring its own key');
    const options = { ...this.options, currentDate: new Date(this.clock.now()) };
    try {
      return { payload: (await jwtVerify(token, key, options)).payload, key };
    } catch (error) {
      if (!(error instanceof errors.JWKSMultipleMatchingKeys)) throw error;
      return { payload: await verifyWithOneOf(error, token, options), key };
    }
  }

  /** Signed with a key that was published since, for all we know. */
  private mayBeNewer(error: unknown, token: string): boolean {
    if (error instanceof errors.JWKSNoMatchingKey) return true;
    return error instanceof errors.JWSSignatureVerificationFailed && toHeader(token).kid === undefined;
  }

  private toRefusal(error: unknown, key: VerificationKey): GatewayError {
    if (error instanceof errors.JWTExpired) return expiredToken();
    if (isAboutKey(error)) this.report(error, key);
    return this.refusal();
  }

  /** Once for each set of keys: it is the issuer's mistake, and tokens come by the thousand. */
  private report(error: unknown, key: VerificationKey): void {
    if (this.reported === key) return;
    this.reported = key;
    this.log.warn({ event: 'jwt_key_unusable', reason: String(error) }, 'A JWT names a key that cannot be used; such tokens are refused.');
  }
}

function toHeader(token: string): ProtectedHeaderParameters {
  try {
    return decodeProtectedHeader(token);
  } catch (cause) {
    throw new errors.JWSInvalid('not a token', { cause });
  }
}

/** Not about the token: a published key that is private, too short, or none. */
function isAboutKey(error: unknown): boolean {
  return error instanceof errors.JWKSInvalid || !(error instanceof errors.JOSEError);
}

/** For a token that does not name its key, and an issuer with several. */
async function verifyWithOneOf(keys: errors.JWKSMultipleMatchingKeys, token: string, options: JWTVerifyOptions): Promise<JWTPayload> {
  for await (const key of keys) {
    try {
      return (await jwtVerify(token, key, options)).payload;
    } catch (error) {
      if (!(error instanceof errors.JWSSignatureVerificationFailed)) throw error;
    }
  }
  throw new errors.JWSSignatureVerificationFailed();
}
