import { describe, expect, it } from '@jest/globals';
import { claudeVersion, limitsOf } from './model-limits.js';

describe('limitsOf', () => {
  it.each([
    ['openai', 'gpt-4o', 128_000, 16_384],
    ['openai', 'gpt-4o-2024-08-06', 128_000, 16_384],
    ['openai', 'gpt-4.1-mini', 1_047_576, 32_768],
    ['openai', 'gpt-4', 8_192, 8_192],
    ['openai', 'gpt-4-0613', 8_192, 8_192],
    ['openai', 'o3', 200_000, 100_000],
    ['openai', 'gpt-5', 400_000, 128_000],
    ['openai', 'gpt-5-pro-2025-10-06', 400_000, 272_000],
    ['openai', 'gpt-5.2-chat-latest', 128_000, 16_384],
    ['openai', 'gpt-6.2-sol', 1_050_000, 128_000],
    ['openrouter', 'openai/gpt-5', 400_000, 128_000],
    ['openrouter', 'anthropic/claude-sonnet-4.5', 1_000_000, 64_000],
    ['anthropic', 'claude-3-opus-20240229', 200_000, 4_096],
    ['anthropic', 'claude-3-5-haiku-latest', 200_000, 8_192],
    ['anthropic', 'claude-3-7-sonnet-latest', 200_000, 128_000],
    ['anthropic', 'claude-sonnet-4-20250514', 1_000_000, 64_000],
    ['anthropic', 'claude-opus-4-8', 1_000_000, 128_000],
    ['anthropic', 'claude-fable-5-1', 1_000_000, 128_000],
    ['deepseek', 'deepseek-reasoner', 1_000_000, 384_000],
  ] as const)('at %s lets %s read and say no less than it can', (type, model, contextWindow, maxOutput) => {
    const limits = limitsOf(type, model)!;

    expect(limits.contextWindow).toBeGreaterThanOrEqual(contextWindow);
    expect(limits.maxOutput).toBeGreaterThanOrEqual(maxOutput);
  });

  it.each([
    ['openai', 'gpt-4o-64k-output-alpha'],
    ['openai', 'ft:gpt-4o:acme::1'],
    ['openai', 'gpt-7'],
    ['anthropic', 'claude-mythos-preview'],
    ['anthropic', 'claude-opus-6-1'],
    ['anthropic', 'claude-next'],
    ['openrouter', 'openai/gpt-4o:extended'],
    ['openrouter', 'meta-llama/llama-4'],
    ['openai-compatible', 'gpt-4o'],
    ['ollama', 'gpt-4o'],
    ['echo', 'echo'],
  ] as const)('does not claim to know at %s what %s can do', (type, model) => {
    expect(limitsOf(type, model)).toBeUndefined();
  });
});

describe('claudeVersion', () => {
  it.each([
    ['claude-3-haiku', 3],
    ['claude-3.7-sonnet', 3.7],
    ['claude-opus-4-7', 4.7],
    ['claude-opus-4-20250514', 4],
    ['claude-mythos-preview', undefined],
    ['gpt-4', undefined],
  ])('of %s is %s', (model, version) => {
    expect(claudeVersion(model)).toBe(version);
  });
});
