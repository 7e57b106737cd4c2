import { GatewayError } from '../core/errors.js';
import { AddressRanges } from './address-ranges.js';
import type { KeyAttributes } from './key-attributes.js';
import { surfaceOf } from './surfaces.js';

/** What of a request decides whether a key may be used for it. */
export interface Use {
  readonly ip: string;
  /** The route as it was declared, or its path. */
  readonly routeOptions: { readonly url?: string | undefined };
}

/** Where and for what a key may be used. */
export class Restrictions {
  private readonly addresses: AddressRanges | undefined;

  /** undefined for keys that are not restricted: those pay nothing. */
  static of(key: Pick<KeyAttributes, 'disabled' | 'ipAllow' | 'routes'>): Restrictions | undefined {
    return key.disabled || key.ipAllow.length > 0 || key.routes.length > 0
      ? new Restrictions(key.disabled, key.ipAllow, key.routes)
      : undefined;
  }

  private constructor(
    private readonly isDisabled: boolean,
    ipAllow: readonly string[],
    private readonly routes: readonly string[],
  ) {
    this.addresses = ipAllow.length > 0 ? new AddressRanges(ipAllow) : undefined;
  }

  /** Throws `forbidden`, with what to do. */
  refuse({ ip, routeOptions }: Use): void {
    if (this.isDisabled) throw forbidden('This API key is disabled. Ask an administrator to enable it, or use another key.');
    if (this.addresses && !this.addresses.includes(ip)) throw wrongAddress(ip);
    if (this.routes.length > 0) this.refuseRoute(surfaceOf(routeOptions.url ?? ''));
  }

  private refuseRoute(surface: string | undefined): void {
    if (surface !== undefined && this.routes.includes(surface)) return;
    const remedy = surface === undefined ? 'Use another key' : `Ask an administrator to add \`${surface}\` to its \`routes\``;
    throw forbidden(`This API key may not call this route: it is for ${this.routes.join(', ')}. ${remedy}.`);
  }
}

function wrongAddress(ip: string): GatewayError {
  return forbidden(`This API key may not be used from the address ${ip}. Ask an administrator to add it to the key's \`ip_allow\`.`);
}

function forbidden(message: string): GatewayError {
  return new GatewayError('forbidden', message);
}
