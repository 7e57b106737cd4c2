import type { LookupAddress, LookupOptions } from 'node:dns';
import { isIP, type LookupFunction, type Socket } from 'node:net';
import { buildConnector } from 'undici';

type Answer = (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void;
export type Resolve = (hostname: string, options: LookupOptions & { readonly all: true }, answer: Answer) => void;
export type IsAllowed = (address: string) => boolean;

export interface ConnectorOptions {
  /** From asking for the name to the end of the TLS handshake. */
  readonly connectMs: number;
  readonly isAllowed: IsAllowed;
  /** All addresses of a name, as `dns.lookup` answers with `all: true`. */
  readonly resolve: Resolve;
}

/** Nothing was sent: the address does not belong to the public internet. */
export class AddressRefused extends Error {
  constructor(what: string) {
    super(`${what} is a private, local or reserved address, where webhooks may not go unless ALLOW_PRIVATE_WEBHOOKS=true`);
    this.name = 'AddressRefused';
  }
}

/**
 * Makes connections to allowed addresses alone. A name is asked for once, its other addresses are left out, and the connection is
 * made to one of those that were checked: a name that answers differently the next time gains nothing. Addresses that stand in the
 * URL are not asked for, so they are checked before; and what a connection was made to in the end is checked before a byte is sent.
 */
export function guardedConnector({ connectMs, isAllowed, resolve }: ConnectorOptions): buildConnector.connector {
  const connect = buildConnector({ timeout: connectMs, maxCachedSessions: 0, lookup: guardedLookup(resolve, isAllowed) });
  return (options, callback) => {
    const address = bare(options.hostname);
    if (isIP(address) !== 0 && !isAllowed(address)) {
      process.nextTick(callback, new AddressRefused(address), null);
      return;
    }
    connect(options, (...[error, socket]) => {
      if (error !== null) return callback(error, null);
      const refusal = refusalOf(socket, isAllowed);
      if (!refusal) return callback(null, socket);
      socket.destroy();
      callback(refusal, null);
    });
  };
}

function guardedLookup(resolve: Resolve, isAllowed: IsAllowed): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, []);
      const allowed = found.filter(({ address }) => isAllowed(address));
      const [first] = allowed;
      if (!first) return callback(new AddressRefused(`What \`${hostname}\` leads to`), []);
      if (options.all) callback(null, allowed);
      else callback(null, first.address, first.family);
    });
  };
}

function refusalOf({ remoteAddress }: Pick<Socket, 'remoteAddress'>, isAllowed: IsAllowed): AddressRefused | undefined {
  const isFine = remoteAddress !== undefined && isAllowed(remoteAddress);
  return isFine ? undefined : new AddressRefused(remoteAddress ?? 'The other side');
}

function bare(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}
