import type { KeyRecord } from '../keys/index.js';

/** A key as `--json` writes it. */
export function toKeyJson({ id, publicId, name, role, createdAt, expiresAt, revokedAt, allowProviderState }: KeyRecord) {
  return {
    id,
    public_id: publicId,
    name,
    role,
    created_at: toIso(createdAt),
    expires_at: toIso(expiresAt),
    revoked_at: toIso(revokedAt),
    allow_provider_state: allowProviderState,
  };
}

function toIso(timeMs: number | undefined): string | null {
  return timeMs === undefined ? null : new Date(timeMs).toISOString();
}
