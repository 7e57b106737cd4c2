import type { Role } from '../core/caller.js';

/** From the least to the most that a key may do. */
export const ROLES = ['client', 'viewer', 'admin'] as const satisfies readonly Role[];

export function isRole(text: string): text is Role {
  return (ROLES as readonly string[]).includes(text);
}
