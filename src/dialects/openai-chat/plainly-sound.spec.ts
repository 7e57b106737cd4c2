import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { chatCompletionSchema } from './openai-chat.schema.js';
import { isPlainlySound } from './plainly-sound.js';

const odd = fc.oneof(fc.jsonValue(), fc.double(), fc.integer(), fc.constant(undefined));
const message = fc.record({ role: fc.constantFrom('user', 'system', 'developer', 'assistant'), content: fc.string() });
const usual = fc.record(
  {
    model: fc.string({ minLength: 1 }),
    messages: fc.array(message, { minLength: 1, maxLength: 4 }),
    stream: fc.boolean(),
    stream_options: fc.record({ include_usage: fc.boolean() }),
    temperature: fc.double({ min: 0, max: 2, noNaN: true }),
    top_p: fc.double({ min: 0, max: 1, noNaN: true }),
    max_tokens: fc.integer({ min: 1 }),
    max_completion_tokens: fc.integer({ min: 1 }),
    user: fc.string(),
  },
  { requiredKeys: ['model', 'messages'] },
);
const oddField = fc.tuple(
  fc.constantFrom('model', 'messages', 'stream', 'stream_options', 'temperature', 'top_p', 'max_tokens', 'user', 'n'),
  odd,
);
const oddMessage = fc.tuple(fc.constantFrom('role', 'content', 'name', 'tool_calls'), odd);

describe('isPlainlySound', () => {
  it('never says yes to what the schema refuses: a usual body with one odd thing in it', () => {
    fc.assert(
      fc.property(usual, fc.option(oddField), fc.option(oddMessage), (body, field, within) => {
        const first = within ? { ...body.messages[0], [within[0]]: within[1] } : body.messages[0];
        const candidate = { ...body, messages: [first, ...body.messages.slice(1)], ...(field && { [field[0]]: field[1] }) };

        expect(!isPlainlySound(candidate) || chatCompletionSchema.safeParse(candidate).success).toBe(true);
        if (!field && !within) expect(isPlainlySound(candidate)).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it('says yes to the usual body', () => {
    const messages = [
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: 'Hello' },
    ];

    expect(
      isPlainlySound({ model: 'm', messages, temperature: 0.5, stream: true, stream_options: { include_usage: true }, max_tokens: 5 }),
    ).toBe(true);
  });

  it('leaves to the schema what is not usual', () => {
    expect(isPlainlySound({ model: 'm', messages: [{ role: 'user', content: [{ type: 'text', text: 'x' }] }] })).toBe(false);
    expect(isPlainlySound({ model: 'm', messages: [{ role: 'user', content: 'x' }], constructor: 1 })).toBe(false);
  });
});
