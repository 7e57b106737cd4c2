import { isIP } from 'node:net';
import { kind, listOf, secretKind, secretMatching } from './kind.js';
import { Secret } from '../secret.js';

export const hostName = kind('an address or a host name', (text) => (isIP(text) || /^[A-Za-z0-9._-]+$/.test(text) ? text : undefined));

export const WEB_ADDRESS = 'an http:// or https:// address without user, password, query or fragment';

/** Credentials in an address would show up wherever the address does, so there may be none. Without trailing slashes. */
export function parseWebAddress(text: string): string | undefined {
  const url = toUrl(text);
  if (!url || !/^https?:$/.test(url.protocol) || url.username || url.password || text.includes('?') || text.includes('#')) return undefined;
  return text.replace(/\/+$/, '');
}

export const webAddress = kind(WEB_ADDRESS, parseWebAddress);

function toUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

export const origin = kind('an origin', (text) => {
  if (text === '*') return text;
  const url = toUrl(text);
  return url && /^https?:$/.test(url.protocol) && (text === url.origin || text === `${url.origin}/`) ? url.origin : undefined;
});

export const origins = listOf(origin, 'comma-separated origins such as https://app.example.com, or *');

const RANGES = ['loopback', 'linklocal', 'uniquelocal'];

const proxy = kind('an address or a network', (text) => {
  if (RANGES.includes(text)) return text;
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  if (version === 0 || rest.length > 0) return undefined;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128)) ? text : undefined;
});

export const proxies = listOf(proxy, `comma-separated addresses or networks such as 10.0.0.0/8, or ${RANGES.join(', ')}`);

export const postgresUrl = secretKind('a postgresql:// address', (text) => {
  const url = toUrl(text);
  return url && /^postgres(ql)?:$/.test(url.protocol) ? new Secret(text) : undefined;
});

export const redisUrl = secretMatching(
  /^(rediss?:\/\/[^\s,]+|rediss?\+sentinel:\/\/[^\s/]+\/[^\s/?]+(\/\d+)?(\?\S*)?)$/,
  'redis://…, rediss://… or redis+sentinel://host,host/name',
);
