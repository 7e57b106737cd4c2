import { describe, expect, it } from '@jest/globals';
import type { ChatDialectName } from '../core/call.js';
import type { Feature } from '../core/features.js';
import { DIALECTS } from './dialects.js';
import { translate, type TranslationTarget } from './translation.js';

const MESSAGES = [{ role: 'user', content: 'hi' }];
const TOOLS = [{ type: 'function', function: { name: 'f', parameters: { type: 'object' } } }];

function target(dialect: ChatDialectName, lacks: readonly Feature[] = []): TranslationTarget {
  return {
    dialects: [dialect],
    streamOptions: true,
    hasProviderField: false,
    maxTokensField: 'max_tokens',
    defaultMaxTokens: () => 4096,
    lacks: () => new Set(lacks),
  };
}

function say(body: Record<string, unknown>, to: TranslationTarget, strict = false) {
  const text = JSON.stringify({ model: 'm', messages: MESSAGES, ...body });
  const headers = strict ? { 'x-tollgate-strict': 'true' } : {};
  const request = DIALECTS['openai-chat'].parse({ raw: Buffer.from(text), text, parsed: JSON.parse(text) }, { headers });
  const { body: upstream, dropped } = translate(request, { provider: to, model: 'm', id: 'id', nowMs: 0 });
  return { upstream: JSON.parse(upstream.toString()) as Record<string, unknown>, dropped };
}

describe('a limit on the answer that stands in the place of the client', () => {
  const limited = (body: Record<string, unknown>, to: TranslationTarget) => {
    const text = JSON.stringify({ model: 'm', messages: MESSAGES, clamp: true, ...body });
    const request = DIALECTS['openai-chat'].parse({ raw: Buffer.from(text), text, parsed: JSON.parse(text) });
    const { body: upstream, dropped } = translate(request, { provider: to, model: 'm', id: 'id', nowMs: 0, maxOutputTokens: 50 });
    return { upstream: JSON.parse(upstream.toString()) as Record<string, unknown>, dropped };
  };

  it.each([
    ['openai-chat', { max_tokens: 50 }],
    ['openai-responses', { max_output_tokens: 50 }],
    ['anthropic-messages', { max_tokens: 50 }],
    ['ollama', { options: { num_predict: 50 } }],
  ] as const)('is in a body for %s, and our own field is not', (dialect, expected) => {
    for (const body of [{ max_tokens: 900 }, {}]) {
      const { upstream, dropped } = limited(body, target(dialect));

      expect(upstream).toMatchObject(expected);
      expect(upstream).not.toHaveProperty('clamp');
      expect(dropped).toEqual([]);
    }
  });

  it('leaves no thinking that is longer', () => {
    const { upstream, dropped } = limited({ reasoning: { max_tokens: 2000 } }, target('anthropic-messages'));

    expect(upstream).not.toHaveProperty('thinking');
    expect(dropped).toEqual(['reasoning.max_tokens']);
  });
});

describe('promise 7: nothing is dropped in silence', () => {
  it('what a model lacks is named, and not sent', () => {
    const { upstream, dropped } = say({ temperature: 0.5, top_p: 0.5 }, target('ollama', ['temperature']));

    expect(dropped).toEqual(['temperature']);
    expect(upstream['options']).toEqual({ top_p: 0.5 });
  });

  it.each([
    ['sampling beside a budget of thinking', { temperature: 0.5, max_tokens: 9000, reasoning: { max_tokens: 2000 } }, ['temperature']],
    [
      'thinking beside a tool that must be called',
      { reasoning: { max_tokens: 2000 }, tools: TOOLS, tool_choice: 'required' },
      ['reasoning.max_tokens'],
    ],
    ['thinking beside a short answer', { max_tokens: 500, reasoning: { max_tokens: 2000 } }, ['reasoning.max_tokens']],
    ['a stop of white space alone', { stop: ['\n\n', 'END'] }, ['stop']],
  ])('what Anthropic has no place for beside other things is named: %s', (_what, body, fields) => {
    expect(say(body, target('anthropic-messages')).dropped).toEqual(fields);
    expect(() => say(body, target('anthropic-messages'), true)).toThrow(
      expect.objectContaining({ kind: 'unsupported_parameter', details: { param: fields[0] } }),
    );
  });

  it('a thought that OpenAI encrypted stays out of Chat Completions whole', () => {
    const encrypted = 'tollgate.' + Buffer.from(JSON.stringify({ maker: 'openai', kind: 'redacted', value: 'x' })).toString('base64url');
    const text = JSON.stringify({
      model: 'm',
      input: [
        { role: 'user', content: 'a' },
        { type: 'reasoning', id: 'rs_1', summary: [{ type: 'summary_text', text: 'thought' }], encrypted_content: encrypted },
        { role: 'assistant', content: 'b' },
        { role: 'user', content: 'c' },
      ],
    });
    const request = DIALECTS['openai-responses'].parse({ raw: Buffer.from(text), text, parsed: JSON.parse(text) });
    const { body, dropped } = translate(request, { provider: target('openai-chat'), model: 'm', id: 'id', nowMs: 0 });

    expect(body.toString()).not.toContain('thought');
    expect(dropped).toEqual(['input[1]']);
  });
});
