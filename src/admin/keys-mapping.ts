import { GatewayError } from '../core/errors.js';
import { findTime, type KeyChanges, type KeyRecord, stateOf, toKeyWire } from '../keys/index.js';
import { givenOf } from './given.js';
import type { ChangeKeyDto, KeyDto } from './keys.dto.js';
import { toLimitFields } from './limits.dto.js';

/** What was sent, in the words of keys. */
export function toChanges(dto: ChangeKeyDto, nowMs: number): KeyChanges {
  return givenOf<KeyChanges>({
    name: dto.name,
    role: dto.role,
    teamId: dto.team,
    requireUser: dto.require_user,
    disabled: dto.disabled,
    expiresAt: dto.expires_at == null ? dto.expires_at : toExpiry(dto.expires_at, nowMs),
    models: dto.models,
    routes: dto.routes,
    ipAllow: dto.ip_allow,
    tags: dto.tags,
    ...toLimitFields(dto),
    allowProviderState: dto.allow_provider_state,
  });
}

export function toKeyDto(record: KeyRecord, nowMs: number): KeyDto {
  return { ...toKeyWire(record), state: stateOf(record, nowMs) };
}

function toExpiry(text: string, nowMs: number): number {
  const expiresAt = findTime(text)!;
  if (expiresAt > nowMs) return expiresAt;
  throw new GatewayError('invalid_request', '`expires_at` must lie in the future. To end a key now, revoke it.', { param: 'expires_at' });
}
