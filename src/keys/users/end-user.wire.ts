import { toLimitsWire } from '../limit-attributes.js';
import type { EndUser } from './end-user.js';

/** An end user as the API and the audit log show it. */
export function toEndUserWire(user: EndUser) {
  return {
    id: user.id,
    tenant: user.tenant,
    user_id: user.userId,
    name: user.name ?? null,
    disabled: user.disabled,
    models: [...user.models],
    ...toLimitsWire(user),
    created_at: new Date(user.createdAt).toISOString(),
    changed_at: new Date(user.changedAt).toISOString(),
  };
}
