import { describe, expect, it } from '@jest/globals';
import type { Conversation, ReasoningPart } from '../core/conversation.js';
import { type Feature, FeatureUse } from '../core/features.js';
import { withdraw } from './withdrawal.js';

const UNSIGNED: ReasoningPart = { kind: 'reasoning', text: 'a' };
const ANTHROPIC: ReasoningPart = { kind: 'reasoning', text: 'b', proof: { maker: 'anthropic', kind: 'signature', value: 's' } };
const OPENAI: ReasoningPart = { kind: 'reasoning', text: 'c', proof: { maker: 'openai', kind: 'redacted', value: 'e' } };
const TEXT = { kind: 'text', text: 'said' } as const;

const CONVERSATION: Conversation = {
  messages: [{ role: 'assistant', parts: [UNSIGNED, ANTHROPIC, OPENAI, TEXT] }],
  tools: [],
  toolChoice: undefined,
  parallelTools: undefined,
  output: undefined,
  reasoning: undefined,
  settings: { temperature: 1.5, topP: 0.5, maxTokens: 9 },
  uses: new FeatureUse(),
};

const without = (...lacks: Feature[]): Conversation => withdraw(CONVERSATION, new Set(lacks));

describe('withdraw', () => {
  it('leaves out the settings that a model lacks, and no other', () => {
    expect(without('temperature.above_1').settings).toEqual({ topP: 0.5, maxTokens: 9 });
    expect(without('top_p', 'top_k').settings).toEqual({ temperature: 1.5, maxTokens: 9 });
  });

  it('leaves out the thoughts that a model lacks, by who proved them', () => {
    expect(without('reasoning.history').messages).toEqual([{ role: 'assistant', parts: [ANTHROPIC, OPENAI, TEXT] }]);
    expect(without('reasoning.history', 'reasoning.anthropic').messages).toEqual([{ role: 'assistant', parts: [OPENAI, TEXT] }]);
  });

  it('leaves a conversation alone that lacks nothing', () => {
    expect(without()).toBe(CONVERSATION);
  });
});
