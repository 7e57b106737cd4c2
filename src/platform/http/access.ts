import { applyDecorators } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiSecurity } from '@nestjs/swagger';

/**
 * Who may call a route: `open` everyone · `key` any valid key, for its own data · `model` keys that may call models
 * (`client`, `admin`) · `viewer` reading the administration (`viewer`, `admin`) · `admin` · `metrics` the metrics token, or `viewer`.
 */
export type Audience = 'open' | 'key' | 'model' | 'viewer' | 'admin' | 'metrics';

const declared = Reflector.createDecorator<Audience>();

/** Declares a route's audience, also in the documents. A route without one is closed to everybody: forgetting fails closed. */
export const Access = Object.assign(
  (audience: Audience): MethodDecorator & ClassDecorator =>
    audience === 'open' ? applyDecorators(declared(audience), ApiSecurity({})) : declared(audience),
  { KEY: declared.KEY },
);
