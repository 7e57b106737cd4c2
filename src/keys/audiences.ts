import type { Role } from '../core/caller.js';
import { GatewayError } from '../core/errors.js';
import type { Audience } from '../platform/index.js';

interface Rule {
  readonly roles: readonly Role[];
  /** What the caller is told whose role is none of these. */
  readonly refusal: string;
}

const RULES: Readonly<Record<Exclude<Audience, 'open'>, Rule>> = {
  key: { roles: ['client', 'viewer', 'admin'], refusal: 'This key may not call this route.' },
  model: {
    roles: ['client', 'admin'],
    refusal: 'A key with the role `viewer` may read the administration but not call models. Use a key with the role `client`.',
  },
  viewer: {
    roles: ['viewer', 'admin'],
    refusal: 'This route belongs to the administration. Use a key with the role `admin`, or `viewer` for reading.',
  },
  admin: { roles: ['admin'], refusal: 'This route belongs to the administration and changes it. Use a key with the role `admin`.' },
  metrics: {
    roles: ['viewer', 'admin'],
    refusal: 'Metrics are for administrators. Use a key with the role `admin` or `viewer`, or the metrics token.',
  },
};

/** Throws `forbidden` unless a key with this role may call a route with this audience; without an audience, nobody may. */
export function requireAudience(audience: Exclude<Audience, 'open'> | undefined, role: Role, method: string): void {
  if (!audience) throw new GatewayError('forbidden', 'This route is not open to anybody.');
  const { roles, refusal } = RULES[audience];
  const onlyReads = method === 'GET' || method === 'HEAD';
  if (!roles.includes(role) || (audience === 'viewer' && role === 'viewer' && !onlyReads)) throw new GatewayError('forbidden', refusal);
}
