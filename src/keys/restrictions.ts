import { GatewayError } from '../core/errors.js';
import { AddressRanges } from './address-ranges.js';
import type { KeyAttributes } from './key-attributes.js';
import { surfaceOf } from './surfaces.js';
import type { KnownTeam } from './teams/team.js';

/** What of a request decides whether a key may be used for it. */
export interface Use {
  readonly ip: string;
  /** The route as it was declared, or its path. */
  readonly routeOptions: { readonly url?: string | undefined };
}

const KEY_DISABLED = 'This API key is disabled. Ask an administrator to enable it, or use another key.';
const TEAM_DISABLED = 'The team of this API key is disabled. Ask an administrator to enable it, or use a key of another team.';

/** Where and for what a key may be used. */
export class Restrictions {
  private readonly addresses: AddressRanges | undefined;

  /** undefined for keys that are not restricted: those pay nothing. */
  static of(key: Pick<KeyAttributes, 'disabled' | 'ipAllow' | 'routes'>, team?: KnownTeam): Restrictions | undefined {
    const disabled = key.disabled ? KEY_DISABLED : team?.isDisabled ? TEAM_DISABLED : undefined;
    return disabled !== undefined || key.ipAllow.length > 0 || key.routes.length > 0
      ? new Restrictions(disabled, key.ipAllow, key.routes)
      : undefined;
  }

  private constructor(
    /** What is said of it; undefined = it is not disabled. */
    private readonly disabled: string | undefined,
    ipAllow: readonly string[],
    private readonly routes: readonly string[],
  ) {
    this.addresses = ipAllow.length > 0 ? new AddressRanges(ipAllow) : undefined;
  }

  /** Throws `forbidden`, with what to do. */
  refuse({ ip, routeOptions }: Use): void {
    if (this.disabled !== undefined) throw forbidden(this.disabled);
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
