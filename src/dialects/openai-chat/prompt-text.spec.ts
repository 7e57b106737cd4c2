import { describe, expect, it } from '@jest/globals';
import { promptOf } from './prompt-text.js';

const textsOf = (message: object) => promptOf({ messages: [message] }).texts;

describe('promptOf', () => {
  it('counts texts and declared tools, of either kind, and the form of each message', () => {
    const { texts, extraTokens } = promptOf({
      messages: [
        { role: 'user', content: 'a' },
        { role: 'user', content: [{ type: 'text', text: 'b', cache_control: { type: 'ephemeral', ttl: '1h' } }] },
      ],
      tools: [{ name: 'f' }],
      functions: [{ name: 'g' }],
    });

    expect(texts).toEqual(['a', 'b', '[{"name":"f"}]', '[{"name":"g"}]']);
    expect(extraTokens).toBe(9);
  });

  it('counts no bytes of media and no proofs of thoughts', () => {
    expect(textsOf({ role: 'user', content: [{ type: 'image_url', image_url: { url: 'data:image/png;base64,QUJD' } }] })).toEqual([]);
    expect(
      textsOf({
        role: 'assistant',
        reasoning_details: [
          { type: 'reasoning.text', text: 'hm', signature: 'sig', format: 'anthropic-claude-v1' },
          { type: 'reasoning.encrypted', data: 'xyz' },
        ],
      }),
    ).toEqual(['hm']);
  });

  it('counts a thought once that stands in two places', () => {
    expect(textsOf({ role: 'assistant', reasoning: 'hm', reasoning_details: [{ type: 'reasoning.text', text: 'hm' }] })).toEqual(['hm']);
  });
});
