import type { FastifyRequest } from 'fastify';
import type { Caller } from '../../core/caller.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the key guard on every route that is not open. */
    caller?: Caller;
    /** The bytes of a JSON body as they came; `body` is the same, parsed. */
    rawBody?: Buffer;
  }
}

export type GatewayRequest = FastifyRequest;

/** The caller of a route that is not open; the guard has seen to it that there is one. */
export function callerOf(request: FastifyRequest): Caller {
  if (!request.caller) throw new Error('callerOf() on a route that the key guard does not protect');
  return request.caller;
}
