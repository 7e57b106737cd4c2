import { type Actor, callerOf, type GatewayRequest } from '../platform/index.js';

/** Who is written down as having asked for a change. */
export function actorOf(request: GatewayRequest): Actor {
  const { keyId, keyName } = callerOf(request);
  return { id: keyId, name: keyName };
}
