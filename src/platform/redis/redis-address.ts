import type { RedisOptions, SentinelAddress } from 'ioredis';
import type { RedisAddress } from './redis-options.js';

const SENTINEL = /^(rediss?)\+sentinel:\/\/(?:([^@/]*)@)?([^@/]+)\/([^/?]+)(?:\/(\d+))?(\?.*)?$/;
const HOST = /^(\[[0-9a-fA-F:.]+\]|[^:[\]]+)(?::(\d+))?$/;
const SENTINEL_PORT = 26_379;

/**
 * Where Redis is, from `redis[s]://…` or `redis[s]+sentinel://[user:password@]host[:port],…/name[/db]`. There user and password are
 * those of Redis itself; those of the Sentinels are given as `?sentinel_user=…&sentinel_password=…`. With `rediss` both are asked over
 * TLS. Throws for an address that has neither form.
 */
export function parseRedisAddress(url: string): RedisAddress {
  if (!/^rediss?\+sentinel:/.test(url)) return url;
  const [, scheme, login = '', hosts = '', name = '', db, query = ''] = SENTINEL.exec(url) ?? [];
  if (!scheme) throw new Error('An address of Sentinels looks like redis+sentinel://host,host/name.');
  const [username, password] = splitLogin(login);
  const parameters = new URLSearchParams(query);
  return {
    sentinels: hosts.split(',').map(toSentinel),
    name: decodeURIComponent(name),
    ...given({ username, password, db: db === undefined ? undefined : Number(db) }),
    ...given({ sentinelUsername: parameters.get('sentinel_user'), sentinelPassword: parameters.get('sentinel_password') }),
    ...(scheme === 'rediss' ? { tls: {}, sentinelTLS: {}, enableTLSForSentinelMode: true } : {}),
  };
}

/** A password may stand alone: `:password@`. */
function splitLogin(login: string): readonly [user: string | undefined, password: string | undefined] {
  const end = login.indexOf(':');
  const [user, password] = end < 0 ? [login, ''] : [login.slice(0, end), login.slice(end + 1)];
  return [decodeURIComponent(user) || undefined, decodeURIComponent(password) || undefined];
}

function toSentinel(text: string): Partial<SentinelAddress> {
  const [, host, port] = HOST.exec(text) ?? [];
  if (host === undefined) throw new Error('An address of Sentinels names each as host or host:port, with commas between.');
  return { host: host.replace(/^\[|\]$/g, ''), port: port === undefined ? SENTINEL_PORT : Number(port) };
}

function given(options: Readonly<Record<string, string | number | null | undefined>>): RedisOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined && value !== null && value !== ''));
}
