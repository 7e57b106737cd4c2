import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chatCompletionSchema } from './openai-chat.schema.js';
import { isUsualBody } from './usual-body.js';

const USUAL = { model: 'm', messages: [{ role: 'user', content: 'hi' }] };

/** Values at and beyond the bounds of what any member takes. */
const VALUES = fc.oneof(
  fc.constantFrom(null, true, false, '', 'a', 0, 1, -1, 0.5, 2, 2.1, 1e300, Number.NaN, [], {}),
  fc.constantFrom([{ role: 'user', content: 'a' }], [{ role: 'tool', content: 'a' }], [{ role: 'user', content: 1 }], [null], [[]]),
);
const NAMES = fc.constantFrom('model', 'messages', 'stream', 'temperature', 'top_p', 'max_tokens', 'max_completion_tokens', 'user', 'n');
const BODIES = fc
  .array(fc.tuple(NAMES, VALUES), { maxLength: 4 })
  .map((members): Record<string, unknown> => ({ ...USUAL, ...Object.fromEntries(members) }));

describe('isUsualBody', () => {
  it('says yes to nothing that the schema does not accept as it is', () => {
    fc.assert(
      fc.property(BODIES, (body) => {
        if (!isUsualBody(body)) return;
        const checked = chatCompletionSchema.safeParse(body);
        expect(checked.success).toBe(true);
        expect(checked.data).toEqual(body);
      }),
      { numRuns: 2_000 },
    );
  });

  it('says yes to what nearly every call sends', () => {
    expect(isUsualBody({ ...USUAL, stream: true, temperature: 0.7, max_tokens: 100, user: 'ann' })).toBe(true);
  });

  it.each([
    [null],
    ['text'],
    [[]],
    [{ ...USUAL, tools: [] }],
    [{ ...USUAL, temperature: 3 }],
    [{ model: 'm' }],
    [{ ...USUAL, messages: [] }],
  ])('leaves %j to the schema', (body) => {
    expect(isUsualBody(body)).toBe(false);
  });
});
