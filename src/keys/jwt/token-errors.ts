import { GatewayError } from '../../core/errors.js';
import type { Config } from '../../platform/index.js';

const RETRY_MS = 2_000;

/** What a token must be to be taken. */
export type TokenExpectations = Pick<NonNullable<Config['jwt']>, 'issuer' | 'audience' | 'algorithms'>;

/**
 * One text for everything that can be wrong with a token that is not ours: it says what is expected, and not what of it was
 * missing, so that nobody learns from it how to forge one.
 */
export function invalidToken({ issuer, audience, algorithms }: TokenExpectations): GatewayError {
  return new GatewayError(
    'unauthenticated',
    `This token is not valid here. Send a JWT from the issuer \`${issuer}\` for the audience \`${audience}\`, signed with ${algorithms.join(' or ')}, that is in force and carries \`sub\` and \`exp\`.`,
  );
}

/** Only for tokens that are valid otherwise. */
export function expiredToken(): GatewayError {
  return new GatewayError('unauthenticated', 'This token has expired. Get a new one from where you got it.');
}

export function deniedToken(): GatewayError {
  return new GatewayError('unauthenticated', 'This token was revoked by an administrator. Ask an administrator for access.');
}

/** For a token that is valid and says something that cannot be followed. */
export function forbiddenToken(message: string): GatewayError {
  return new GatewayError('forbidden', message);
}

/** Nothing is known against the token, nor for it. */
export function uncheckedToken(because: string, cause?: unknown): GatewayError {
  const message = `This token cannot be checked at the moment, because ${because}. Try again in a few seconds.`;
  return new GatewayError('service_unavailable', message, { retryAfterMs: RETRY_MS, cause });
}
