import { isDeepStrictEqual } from 'node:util';
import { GatewayError } from '../core/errors.js';
import { type KeyChanges, withKeyChanges } from './key-attributes.js';
import { stateOf, type StoredKey } from './key-record.js';

/** What a key becomes; itself where nothing changes. `callerId` is the id of the key that asks. */
export function changedKey(key: StoredKey, changes: KeyChanges, callerId: string): StoredKey {
  if (key.revokedAt !== undefined) throw conflict('This key was revoked for good and cannot be changed. Make a new one.');
  const changed = withKeyChanges(key, changes);
  if (key.id === callerId) refuseLockingOut(changed);
  return isDeepStrictEqual(changed, key) ? key : changed;
}

/** The secret before the old one, if that was still in its overlap, ends at once. */
export function rotatedKey(key: StoredKey, secretHash: Uint8Array, overlapMs: number, nowMs: number): StoredKey {
  const state = stateOf(key, nowMs);
  if (state === 'revoked' || state === 'expired')
    throw conflict(`This key has ended (it is ${state}), and a new secret would not work. Make a new key.`);
  return { ...key, secretHash, previousHash: key.secretHash, previousEndsAt: nowMs + overlapMs, rotatedAt: nowMs };
}

export function revokedKey(key: StoredKey, nowMs: number, callerId: string): StoredKey {
  if (key.id === callerId) throw conflict('This is the key that you are calling with. Revoke it with another one.');
  return key.revokedAt === undefined ? { ...key, revokedAt: nowMs } : key;
}

/** For deleting: nothing is left of a key that has ended. */
export function requireEnded(key: StoredKey, nowMs: number): undefined {
  const state = stateOf(key, nowMs);
  if (state === 'revoked' || state === 'expired') return undefined;
  throw conflict('Only a revoked or expired key can be deleted. Revoke it first.');
}

function refuseLockingOut({ role, disabled, routes }: StoredKey): void {
  const isAdministration = role === 'admin' && !disabled && (routes.length === 0 || routes.includes('admin'));
  if (isAdministration) return;
  throw conflict('This is the key that you are calling with, and it would lose its right to do so. Change it with another one.');
}

function conflict(message: string): GatewayError {
  return new GatewayError('conflict', message);
}
