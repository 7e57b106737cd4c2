import type { KeyRecord } from './key-record.js';
import { toLimitsWire } from './limit-attributes.js';

/** A key as the API, the command line and the audit log show it. */
export function toKeyWire(record: KeyRecord) {
  return {
    id: record.id,
    public_id: record.publicId,
    name: record.name,
    role: record.role,
    team: record.teamId ?? null,
    require_user: record.requireUser,
    disabled: record.disabled,
    models: [...record.models],
    routes: [...record.routes],
    ip_allow: [...record.ipAllow],
    tags: { ...record.tags },
    ...toLimitsWire(record),
    allow_provider_state: record.allowProviderState,
    created_at: toIso(record.createdAt),
    expires_at: toIsoOrNull(record.expiresAt),
    revoked_at: toIsoOrNull(record.revokedAt),
    rotated_at: toIsoOrNull(record.rotatedAt),
    previous_secret_ends_at: toIsoOrNull(record.previousEndsAt),
  };
}

function toIso(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

function toIsoOrNull(timeMs: number | undefined): string | null {
  return timeMs === undefined ? null : toIso(timeMs);
}
