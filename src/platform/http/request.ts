import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JsonBody } from '../../core/call.js';
import type { Caller } from '../../core/caller.js';
import { GatewayError } from '../../core/errors.js';
import type { Settlement } from '../../core/settlement.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the key guard on every route that is not open. */
    caller?: Caller;
    /** The JSON body in all its forms; `body` is its meaning alone. */
    json?: JsonBody;
    /** Set once a model call is admitted: from then on it has a ledger row, whose line is also its log line. */
    settlement?: Settlement;
    /** What the caller was refused with, for the log. */
    failure?: GatewayError;
    /** What is to happen when its response has closed. */
    whenClosed?: (() => void)[];
    /** Its terminal line is taken care of. */
    isLogged?: boolean;
  }
}

export type GatewayRequest = FastifyRequest;

/** Calls `listener` when the response has closed, however it ended; listeners of one request share the place of one on its response. */
export function onClosed(request: FastifyRequest, reply: FastifyReply, listener: () => void): void {
  if (request.whenClosed) return void request.whenClosed.push(listener);
  const listeners = (request.whenClosed = [listener]);
  reply.raw.once('close', () => {
    for (const one of listeners) one();
  });
}

/** The caller of a route that is not open; the guard has seen to it that there is one. */
export function callerOf(request: FastifyRequest): Caller {
  if (!request.caller) throw new Error('callerOf() on a route that the key guard does not protect');
  return request.caller;
}

/** The body of a route that needs one. */
export function bodyOf(request: FastifyRequest): JsonBody {
  if (!request.json)
    throw new GatewayError('invalid_request', 'The body is empty. Send a JSON object with `content-type: application/json`.');
  return request.json;
}
