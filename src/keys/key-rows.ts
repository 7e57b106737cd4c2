import type { Role } from '../core/caller.js';
import type { KeyRecord, StoredKey } from './key-record.js';
import { fromLimitColumns, type LimitColumns, toLimitColumns } from './limit-attributes.js';

/** What may be shown of a row. */
export const SHOWN = {
  id: true,
  publicId: true,
  name: true,
  role: true,
  teamId: true,
  requireUser: true,
  disabled: true,
  models: true,
  routes: true,
  ipAllow: true,
  tags: true,
  requestsPerMinute: true,
  requestsPerHour: true,
  tokensPerMinute: true,
  concurrency: true,
  allowProviderState: true,
  createdAt: true,
  expiresAt: true,
  revokedAt: true,
  rotatedAt: true,
  previousEndsAt: true,
} as const;

export interface ShownRow extends LimitColumns {
  readonly id: string;
  readonly publicId: string;
  readonly name: string;
  readonly role: string;
  readonly teamId: string | null;
  readonly requireUser: boolean;
  readonly disabled: boolean;
  readonly models: readonly string[];
  readonly routes: readonly string[];
  readonly ipAllow: readonly string[];
  readonly tags: unknown;
  readonly allowProviderState: boolean;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly rotatedAt: Date | null;
  readonly previousEndsAt: Date | null;
}

export interface StoredRow extends ShownRow {
  readonly secretHash: Uint8Array;
  readonly previousHash: Uint8Array | null;
}

export function toRecord(row: ShownRow): KeyRecord {
  return {
    id: row.id,
    publicId: row.publicId,
    name: row.name,
    role: row.role as Role,
    teamId: row.teamId ?? undefined,
    requireUser: row.requireUser,
    disabled: row.disabled,
    models: row.models,
    routes: row.routes,
    ipAllow: row.ipAllow,
    tags: row.tags as Readonly<Record<string, string>>,
    ...fromLimitColumns(row),
    allowProviderState: row.allowProviderState,
    createdAt: row.createdAt.getTime(),
    expiresAt: row.expiresAt?.getTime(),
    revokedAt: row.revokedAt?.getTime(),
    rotatedAt: row.rotatedAt?.getTime(),
    previousEndsAt: row.previousEndsAt?.getTime(),
  };
}

export function toStoredKey(row: StoredRow): StoredKey {
  return { ...toRecord(row), secretHash: row.secretHash, previousHash: row.previousHash ?? undefined };
}

export function toRow(key: StoredKey) {
  return {
    id: key.id,
    publicId: key.publicId,
    secretHash: new Uint8Array(key.secretHash),
    previousHash: key.previousHash ? new Uint8Array(key.previousHash) : null,
    name: key.name,
    role: key.role,
    teamId: key.teamId ?? null,
    requireUser: key.requireUser,
    disabled: key.disabled,
    models: [...key.models],
    routes: [...key.routes],
    ipAllow: [...key.ipAllow],
    tags: { ...key.tags },
    ...toLimitColumns(key),
    allowProviderState: key.allowProviderState,
    createdAt: new Date(key.createdAt),
    expiresAt: toDate(key.expiresAt),
    revokedAt: toDate(key.revokedAt),
    rotatedAt: toDate(key.rotatedAt),
    previousEndsAt: toDate(key.previousEndsAt),
  };
}

function toDate(timeMs: number | undefined): Date | null {
  return timeMs === undefined ? null : new Date(timeMs);
}
