import { GatewayError } from '../core/errors.js';
import { findTime, type KeyChanges, type KeyRecord, stateOf, toKeyWire } from '../keys/index.js';
import type { ChangeKeyDto, KeyDto } from './keys.dto.js';

const DEFAULT = undefined;

/** What was sent, in the words of keys: a field that was left out is absent, null is the default. */
export function toChanges(dto: ChangeKeyDto, nowMs: number): KeyChanges {
  const given: { readonly [Field in keyof KeyChanges]: KeyChanges[Field] | null } = {
    name: dto.name,
    role: dto.role,
    disabled: dto.disabled,
    expiresAt: dto.expires_at == null ? dto.expires_at : toExpiry(dto.expires_at, nowMs),
    models: dto.models,
    routes: dto.routes,
    ipAllow: dto.ip_allow,
    tags: dto.tags,
    requestsPerMinute: dto.requests_per_minute,
    requestsPerHour: dto.requests_per_hour,
    tokensPerMinute: dto.tokens_per_minute,
    concurrency: dto.concurrency,
    allowProviderState: dto.allow_provider_state,
  };
  const entries = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries.map(([field, value]) => [field, value ?? DEFAULT]));
}

export function toKeyDto(record: KeyRecord, nowMs: number): KeyDto {
  return { ...toKeyWire(record), state: stateOf(record, nowMs) };
}

function toExpiry(text: string, nowMs: number): number {
  const expiresAt = findTime(text)!;
  if (expiresAt > nowMs) return expiresAt;
  throw new GatewayError('invalid_request', '`expires_at` must lie in the future. To end a key now, revoke it.', { param: 'expires_at' });
}
