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
