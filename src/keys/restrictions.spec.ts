import { describe, expect, it } from '@jest/globals';
import { Restrictions } from './restrictions.js';

const NONE = { disabled: false, ipAllow: [], routes: [] };

describe('Restrictions', () => {
  it('are none for a key that is not restricted', () => {
    expect(Restrictions.of(NONE)).toBeUndefined();
  });

  it('keep a disabled key out of everything', () => {
    expect(refusalOf({ disabled: true })).toMatchObject({ kind: 'forbidden', message: expect.stringContaining('enable it') });
  });

  it('let a key in from its addresses alone, and name the one that is not', () => {
    const ipAllow = ['10.0.0.0/8', '2001:db8::/32'];

    expect(refusalOf({ ipAllow }, '/v1/models', '10.1.2.3')).toBeUndefined();
    expect(refusalOf({ ipAllow }, '/v1/models', '2001:db8::7')).toBeUndefined();
    expect(refusalOf({ ipAllow }, '/v1/models', '203.0.113.7')).toMatchObject({
      kind: 'forbidden',
      message: expect.stringMatching(/203\.0\.113\.7.*`ip_allow`/),
    });
  });

  it('let nobody in where no address can be understood', () => {
    expect(refusalOf({ ipAllow: ['nonsense'] }, '/v1/models', '10.1.2.3')).toBeDefined();
  });

  it('let a key call what it is for, and say what to add', () => {
    const routes = ['chat', 'models'];

    expect(refusalOf({ routes }, '/api/v1/chat/stream')).toBeUndefined();
    expect(refusalOf({ routes }, '/v1/models/*')).toBeUndefined();
    expect(refusalOf({ routes }, '/v1/embeddings')?.message).toBe(
      'This API key may not call this route: it is for chat, models. Ask an administrator to add `embeddings` to its `routes`.',
    );
    expect(refusalOf({ routes }, '/v1/unheard-of')?.message).toContain('Use another key');
    expect(refusalOf({ routes }, undefined)).toBeDefined();
  });
});

function refusalOf(restricted: { disabled?: boolean; ipAllow?: string[]; routes?: string[] }, url?: string, ip = '127.0.0.1') {
  try {
    Restrictions.of({ ...NONE, ...restricted })!.refuse({ ip, routeOptions: { url } });
  } catch (error) {
    return error as { readonly kind: string; readonly message: string };
  }
  return undefined;
}
