import type { IncomingHttpHeaders } from 'node:http';
import { GatewayError } from '../core/errors.js';

const BEARER = /^bearer +(\S+)$/i;
const HOW = 'Send it as `Authorization: Bearer <key>` or as `X-API-Key: <key>`.';

/** The key that a request presents. Both headers may carry it, as some SDKs do, but then the same one. */
export function parseCredentials(headers: IncomingHttpHeaders): string {
  const { authorization, 'x-api-key': apiKey } = headers;
  const bearer = authorization ? BEARER.exec(authorization)?.[1] : undefined;
  if (typeof apiKey === 'string' && apiKey !== '') {
    if (bearer !== undefined && bearer !== apiKey)
      throw unauthenticated('This request carries two different API keys. Send only one of them.');
    return apiKey;
  }
  if (bearer !== undefined) return bearer;
  if (authorization) throw unauthenticated(`The \`Authorization\` header does not hold an API key. ${HOW}`);
  throw unauthenticated(`This request needs an API key. ${HOW}`);
}

/** One text for keys that are unknown and secrets that are wrong: it must not tell which of them a guess has hit. */
export function invalidKey(): GatewayError {
  return unauthenticated('This API key is not valid. Check that it is complete, or ask an administrator for a new one.');
}

/** For those who have the right secret of a key that has ended: they may know why. */
export function endedKey(how: 'was revoked' | 'has expired' | 'was replaced by a new one'): GatewayError {
  const remedy = how === 'was replaced by a new one' ? 'Use that one' : 'Ask an administrator for another';
  return unauthenticated(`This API key ${how}. ${remedy}.`);
}

function unauthenticated(message: string): GatewayError {
  return new GatewayError('unauthenticated', message);
}
