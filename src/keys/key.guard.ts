import { timingSafeEqual } from 'node:crypto';
import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Caller } from '../core/caller.js';
import { Access, CONFIG, type Audience, type Config, type GatewayRequest } from '../platform/index.js';
import { requireAudience } from './audiences.js';
import { parseCredentials } from './credentials.js';
import { digestOf } from './key-text.js';
import { KeysService } from './keys.service.js';

/** Whoever presents the metrics token; the guard lets it pass on `metrics` routes only. */
const METRICS_READER: Caller = { keyId: 'metrics-token', keyName: 'metrics-token', role: 'viewer', tenant: 'metrics-token' };

/** Says who is calling, and whether the route is for them. A route that declares no audience is closed to everybody. */
@Injectable()
export class KeyGuard implements CanActivate {
  private readonly metricsDigest: Buffer | undefined;
  /** By class, then by handler: reading the metadata of a route costs more than all else here. */
  private readonly audiences = new WeakMap<object, WeakMap<object, Audience | undefined>>();

  constructor(
    private readonly reflector: Reflector,
    @Inject(KeysService) private readonly keys: Pick<KeysService, 'authenticate'>,
    @Inject(CONFIG) config: Pick<Config, 'keys'>,
  ) {
    const { metricsToken } = config.keys;
    this.metricsDigest = metricsToken && digestOf(metricsToken.reveal());
  }

  /** Synchronous whenever the key is remembered. */
  canActivate(context: ExecutionContext): boolean | Promise<boolean> {
    const audience = this.audienceOf(context);
    if (audience === 'open') return true;
    const request = context.switchToHttp().getRequest<GatewayRequest>();
    const presented = parseCredentials(request.headers);
    if (audience === 'metrics' && this.isMetricsToken(presented)) return admit(request, METRICS_READER, audience);
    const caller = this.keys.authenticate(presented);
    return caller instanceof Promise ? caller.then((found) => admit(request, found, audience)) : admit(request, caller, audience);
  }

  private isMetricsToken(presented: string): boolean {
    return this.metricsDigest !== undefined && timingSafeEqual(digestOf(presented), this.metricsDigest);
  }

  private audienceOf(context: ExecutionContext): Audience | undefined {
    const [handler, controller] = [context.getHandler(), context.getClass()];
    const routes = this.audiences.get(controller) ?? new WeakMap<object, Audience | undefined>();
    if (routes.has(handler)) return routes.get(handler);
    const audience = this.reflector.getAllAndOverride<Audience | undefined>(Access, [handler, controller]);
    this.audiences.set(controller, routes.set(handler, audience));
    return audience;
  }
}

function admit(request: GatewayRequest, caller: Caller, audience: Exclude<Audience, 'open'> | undefined): boolean {
  // First, so that the log of a refusal says who was refused.
  request.caller = caller;
  requireAudience(audience, caller.role, request.method);
  return true;
}
