import { hash } from 'node:crypto';
import type { Caller, Role } from '../core/caller.js';
import type { Config, StaticKey } from '../platform/index.js';

/**
 * The keys that stand in the environment, found by their digest: a look-up by the text itself would keep it in memory
 * and tell by its time how much of a guess was right.
 */
export class StaticKeys {
  private readonly callers = new Map<string, Caller>();

  constructor(keys: Pick<Config['keys'], 'clients' | 'admins'>) {
    this.add(keys.clients, 'client');
    // Last, so that a key in both lists is an admin's.
    this.add(keys.admins, 'admin');
  }

  find(presented: string): Caller | undefined {
    return this.callers.size === 0 ? undefined : this.callers.get(digestText(presented));
  }

  private add(keys: readonly StaticKey[], role: Role): void {
    for (const { name, key } of keys) {
      const keyId = `${role}:${name}`;
      this.callers.set(digestText(key.reveal()), { keyId, keyName: name, role, tenant: keyId });
    }
  }
}

function digestText(key: string): string {
  return hash('sha256', key, 'base64');
}
