import { Reflector } from '@nestjs/core';

/**
 * Who may call a route: `open` everyone · `key` any valid key, for its own data · `model` keys that may call models
 * (`client`, `admin`) · `viewer` reading the administration (`viewer`, `admin`) · `admin` · `metrics` the metrics token, or `viewer`.
 */
export type Audience = 'open' | 'key' | 'model' | 'viewer' | 'admin' | 'metrics';

/** Declares a route's audience. A route without one is closed to everybody: forgetting fails closed. */
export const Access = Reflector.createDecorator<Audience>();
