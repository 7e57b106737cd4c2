import { hash } from 'node:crypto';
import type { Role } from '../core/caller.js';
import type { Config, StaticKey } from '../platform/index.js';
import type { Identity } from './known-key.js';

/**
 * The keys that stand in the environment, found by their digest: a look-up by the text itself would keep it in memory
 * and tell by its time how much of a guess was right.
 */
export class StaticKeys {
  private readonly identities = new Map<string, Identity>();

  constructor(keys: Pick<Config['keys'], 'clients' | 'admins'>) {
    this.add(keys.clients, 'client');
    // Last, so that a key in both lists is an admin's.
    this.add(keys.admins, 'admin');
  }

  find(presented: string): Identity | undefined {
    return this.identities.size === 0 ? undefined : this.identities.get(digestText(presented));
  }

  private add(keys: readonly StaticKey[], role: Role): void {
    for (const entry of keys) {
      const keyId = idOf(entry, role);
      this.identities.set(digestText(entry.key.reveal()), { caller: { keyId, keyName: entry.name, role, tenant: keyId } });
    }
  }
}

/** What callers with these keys are known by. */
export function staticKeyIds({ clients, admins }: Pick<Config['keys'], 'clients' | 'admins'>): ReadonlySet<string> {
  return new Set([...clients.map((key) => idOf(key, 'client')), ...admins.map((key) => idOf(key, 'admin'))]);
}

function idOf({ name }: StaticKey, role: Role): string {
  return `${role}:${name}`;
}

function digestText(key: string): string {
  return hash('sha256', key, 'base64');
}
