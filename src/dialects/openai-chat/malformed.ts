import { GatewayError } from '../../core/errors.js';

/** The error for what is no answer of this dialect; `what` is a short clause: what is wrong with it. */
export function malformed(what: string): GatewayError {
  return new GatewayError('upstream_protocol', `The provider sent an answer that cannot be read: ${what}. Try again later.`);
}
