import type { Caller } from '../core/caller.js';
import type { Config } from '../platform/index.js';
import { type Bound, counterName, type RateBound } from './bounds.js';

/** All that limits the calls of a caller; the same list until something of it changes. */
export type BoundsOf = (caller: Caller) => readonly Bound[];

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const MOST_REMEMBERED = 10_000;

/** The limits of the configuration, which hold for every key by itself. */
export function configuredBounds(config: Pick<Config, 'limits'>): BoundsOf {
  let { limits } = config;
  const known = new Map<string, readonly Bound[]>();
  return ({ keyId }) => {
    if (config.limits !== limits || known.size > MOST_REMEMBERED) known.clear();
    limits = config.limits;
    let bounds = known.get(keyId);
    if (!bounds) known.set(keyId, (bounds = toBounds(limits, keyId)));
    return bounds;
  };
}

function toBounds({ concurrency, ...limits }: Config['limits'], keyId: string): readonly Bound[] {
  const all: readonly Bound[] = [
    { kind: 'calls', scope: 'key', counter: counterName('calls', 'key', keyId), limit: concurrency },
    rate('requests', keyId, limits.requestsPerMinute, MINUTE_MS),
    rate('requests', keyId, limits.requestsPerHour, HOUR_MS),
    rate('tokens', keyId, limits.tokensPerMinute, MINUTE_MS),
  ];
  return all.filter((bound) => 'limit' in bound && bound.limit > 0);
}

function rate(kind: RateBound['kind'], keyId: string, limit: number, windowMs: number): RateBound {
  return { kind, scope: 'key', counter: counterName(kind, 'key', keyId, windowMs), limit, windowMs };
}
