import { GatewayError } from '../core/errors.js';

/** What a call ends with whose client has left before it had everything. */
export function clientClosed(): GatewayError {
  return new GatewayError('client_closed', 'The client closed its connection.');
}
