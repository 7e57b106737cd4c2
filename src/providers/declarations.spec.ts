import { describe, expect, it } from '@jest/globals';
import { configFrom } from '../../test/support/config-folder.js';
import type { DialectName } from '../core/call.js';
import type { Endpoint } from '../core/provider.js';
import { DECLARATIONS } from './declarations.js';

const TYPES = Object.keys(DECLARATIONS) as (keyof typeof DECLARATIONS)[];
const DIALECTS: readonly DialectName[] = ['openai-chat', 'openai-responses', 'anthropic-messages', 'ollama', 'embeddings'];

/** What the configuration lets through for a type; a type that refuses a dialect says so. */
function allowed(type: string, dialect: DialectName): boolean {
  const yaml = `providers: [{name: it, type: ${type}, base_url: "http://h", enabled: false, dialects: [${dialect}]}, {name: echo}]`;
  try {
    return configFrom({ files: { 'tollgate.yaml': yaml } }).providers.length > 0;
  } catch {
    return false;
  }
}

describe('the declarations', () => {
  it.each(TYPES)('%s has a path for each dialect that the configuration lets it speak, and for no other', (type) => {
    const { paths } = DECLARATIONS[type];
    const endpointOf = (dialect: DialectName): Endpoint => (dialect === 'ollama' ? 'ollama-chat' : dialect);

    expect(DIALECTS.filter((dialect) => paths[endpointOf(dialect)] !== undefined)).toEqual(
      DIALECTS.filter((dialect) => allowed(type, dialect)),
    );
  });

  it('put a limit on answers in the field that each takes', () => {
    expect(TYPES.filter((type) => DECLARATIONS[type].maxTokensField === 'max_completion_tokens')).toEqual(['openai']);
  });
});

describe('the models of Anthropic', () => {
  const { defaultMaxTokens, lacks } = DECLARATIONS.anthropic;

  it.each([
    ['claude-2.1', 4_096],
    ['claude-3-haiku-20240307', 4_096],
    ['claude-3-opus-latest', 4_096],
    ['claude-3-5-sonnet-20241022', 8_192],
    ['claude-3.5-haiku', 8_192],
    ['claude-3-7-sonnet-latest', 32_000],
    ['claude-sonnet-4-20250514', 32_000],
    ['claude-opus-4-1-20250805', 32_000],
    ['claude-haiku-4-5', 32_000],
    ['claude-opus-5-5', 32_000],
    ['deepseek-flash', 8_192],
  ])('%s answers with up to %i tokens where nobody says', (model, tokens) => {
    expect(defaultMaxTokens(model)).toBe(tokens);
  });

  it.each([
    'claude-opus-4-7',
    'claude-opus-4-8-20260528',
    'claude-4.7-opus',
    'claude-sonnet-5',
    'claude-fable-5-1',
    'claude-opus-5-5-20261021',
  ])('%s takes no sampling settings', (model) => {
    expect([...lacks(model)]).toEqual(['temperature', 'temperature.above_1', 'top_p', 'top_k']);
  });

  it.each(['claude-3-haiku-20240307', 'claude-sonnet-4-20250514', 'claude-opus-4-6', 'claude-haiku-4-5-20251001', 'deepseek-flash'])(
    '%s takes all that its dialect can say',
    (model) => {
      expect(lacks(model).size).toBe(0);
    },
  );
});

describe('the models of OpenAI', () => {
  const { lacks } = DECLARATIONS.openai;

  it.each(['o1', 'o3', 'o3-mini-2025-01-31', 'o4-mini', 'gpt-5', 'gpt-5-mini', 'gpt-5-2025-08-07', 'gpt-5.1-chat-latest'])(
    '%s takes no sampling settings, but is told where to stop',
    (model) => {
      expect(lacks(model).has('temperature')).toBe(true);
      expect(lacks(model).has('top_p')).toBe(true);
      expect(lacks(model).has('stop')).toBe(false);
    },
  );

  it.each(['gpt-4o', 'gpt-4.1-mini', 'gpt-5-chat-latest', 'gpt-5.1', 'gpt-5.2-2025-12-11', 'omni-moderation-latest'])(
    '%s judges them itself, and lacks a place for thoughts alone',
    (model) => {
      expect([...lacks(model)]).toEqual(['reasoning.history', 'reasoning.anthropic']);
    },
  );

  it('are the only ones that are known for it: a server of the same dialect may run anything under that name', () => {
    expect(DECLARATIONS['openai-compatible'].lacks('o3').size).toBe(0);
  });
});
