import { timingSafeEqual } from 'node:crypto';
import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { GatewayError } from '../core/errors.js';
import { Access, CONFIG, type Audience, type Config, type GatewayRequest } from '../platform/index.js';
import { requireAudience } from './audiences.js';
import { Authenticator } from './authenticator.js';
import { parseCredentials } from './credentials.js';
import { FailedAttempts } from './failed-attempts.js';
import { digestOf } from './key-text.js';
import type { Identity } from './known-key.js';

/** Whoever presents the metrics token; the guard lets it pass on `metrics` routes only. */
const METRICS_READER: Identity = {
  caller: { keyId: 'metrics-token', keyName: 'metrics-token', role: 'viewer', tenant: 'metrics-token' },
};

/**
 * Says who is calling, and whether the route is for them. A route that declares no audience is closed to everybody. Keys that
 * are not valid are counted by address, and beyond a limit refused as too many; a valid one never is.
 */
@Injectable()
export class KeyGuard implements CanActivate {
  private readonly metricsDigest: Buffer | undefined;
  /** By class, then by handler: reading the metadata of a route costs more than all else here. */
  private readonly audiences = new WeakMap<object, WeakMap<object, Audience | undefined>>();

  constructor(
    private readonly reflector: Reflector,
    @Inject(Authenticator) private readonly authenticator: Pick<Authenticator, 'authenticate'>,
    @Inject(FailedAttempts) private readonly failures: Pick<FailedAttempts, 'count'>,
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
    const identity = this.identify(presented, request);
    return identity instanceof Promise ? identity.then((found) => admit(request, found, audience)) : admit(request, identity, audience);
  }

  private identify(presented: string, request: GatewayRequest): Identity | Promise<Identity> {
    try {
      const identity = this.authenticator.authenticate(presented);
      return identity instanceof Promise ? identity.catch((error: unknown) => this.refuse(error, request)) : identity;
    } catch (error) {
      return this.refuse(error, request);
    }
  }

  private async refuse(error: unknown, request: GatewayRequest): Promise<never> {
    if (error instanceof GatewayError && error.kind === 'unauthenticated') await this.failures.count(request.ip);
    throw error;
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

function admit(request: GatewayRequest, { caller, restrictions }: Identity, audience: Exclude<Audience, 'open'> | undefined): boolean {
  // First, so that the log of a refusal says who was refused.
  request.caller = caller;
  restrictions?.refuse(request);
  requireAudience(audience, caller.role, request.method);
  return true;
}
