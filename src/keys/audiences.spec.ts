import { describe, expect, it } from '@jest/globals';
import type { Role } from '../core/caller.js';
import type { Audience } from '../platform/index.js';
import { requireAudience } from './audiences.js';
import { ROLES } from './key-attributes.js';

const GET_MAY: Record<Exclude<Audience, 'open'>, readonly Role[]> = {
  key: ['client', 'viewer', 'admin'],
  model: ['client', 'admin'],
  viewer: ['viewer', 'admin'],
  admin: ['admin'],
  metrics: ['viewer', 'admin'],
};

describe('requireAudience', () => {
  for (const [audience, may] of Object.entries(GET_MAY) as [keyof typeof GET_MAY, readonly Role[]][]) {
    for (const role of ROLES) {
      it(`${may.includes(role) ? 'lets' : 'does not let'} the role ${role} read a route for \`${audience}\``, () => {
        expect(isAdmitted(audience, role, 'GET')).toBe(may.includes(role));
      });
    }
  }

  it('lets a viewer only read the administration', () => {
    expect(isAdmitted('viewer', 'viewer', 'POST')).toBe(false);
    expect(isAdmitted('viewer', 'admin', 'POST')).toBe(true);
  });

  it.each(ROLES)('closes a route without an audience to the role %s', (role) => {
    expect(isAdmitted(undefined, role, 'GET')).toBe(false);
  });
});

function isAdmitted(audience: Exclude<Audience, 'open'> | undefined, role: Role, method: string): boolean {
  try {
    requireAudience(audience, role, method);
    return true;
  } catch {
    return false;
  }
}
