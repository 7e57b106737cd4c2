import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ReasoningProof } from '../core/conversation.js';
import { unwrapProof, wrapProof } from './reasoning-proof.js';

const proofs: fc.Arbitrary<ReasoningProof> = fc.record(
  {
    maker: fc.constantFrom('anthropic' as const, 'openai' as const),
    kind: fc.constantFrom('signature' as const, 'redacted' as const),
    value: fc.string({ unit: 'grapheme' }),
    id: fc.string(),
  },
  { requiredKeys: ['maker', 'kind', 'value'], noNullPrototype: true },
);

describe('a wrapped proof', () => {
  it('comes back as it was', () => {
    fc.assert(
      fc.property(proofs, (proof) => {
        expect(unwrapProof(wrapProof(proof))).toEqual(proof);
      }),
    );
  });

  it('is one word that fits any field', () => {
    fc.assert(
      fc.property(proofs, (proof) => {
        expect(wrapProof(proof)).toMatch(/^tollgate\.[A-Za-z0-9_-]+$/);
      }),
    );
  });

  it.each([
    ['a signature of a provider', 'EqQBCkgIARABGAIiQL8'],
    ['the prefix alone', 'tollgate.'],
    ['what is no JSON', `tollgate.${Buffer.from('{').toString('base64url')}`],
    ['another maker', `tollgate.${Buffer.from('{"m":"other","k":"signature","v":"x"}').toString('base64url')}`],
    ['an id that is none', `tollgate.${Buffer.from('{"m":"openai","k":"redacted","v":"x","i":1}').toString('base64url')}`],
  ])('is not %s', (_, text) => {
    expect(unwrapProof(text)).toBeUndefined();
  });
});
