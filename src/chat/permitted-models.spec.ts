import { describe, expect, it } from '@jest/globals';
import type { AllowedModels } from '../core/caller.js';
import type { Provider } from '../core/provider.js';
import { mayUse, refuseOtherModels } from './permitted-models.js';

const PLACE = { provider: { name: 'openai' } as Provider, model: 'gpt-4o' };

describe('mayUse', () => {
  it.each([
    ['all', undefined, 'fast'],
    ['the name that was asked for', ['fast'], 'fast'],
    ['the name of the model behind it', ['gpt-4o'], 'fast'],
    ['the model at its provider', ['openai/gpt-4o'], 'fast'],
  ])('lets a key use what it may: %s', (_, names, asked) => {
    expect(mayUse(names && allowed(names), asked)?.(PLACE) ?? true).toBe(true);
  });

  it('keeps it from the rest', () => {
    expect(mayUse(allowed(['gpt-4o-mini', 'anthropic/gpt-4o']), 'fast')!(PLACE)).toBe(false);
  });
});

describe('refuseOtherModels', () => {
  it.each([{}, { models: null }, { models: ['a', 'b'] }])('lets %j pass', (parsed) => {
    expect(() => refuseOtherModels(allowed(['a', 'b']), { parsed })).not.toThrow();
  });

  it.each([{ models: ['a', 'c'] }, { models: 'a' }, { models: [7] }, { preset: 'mine' }])('does not let %j pass', (parsed) => {
    expect(() => refuseOtherModels(allowed(['a', 'b']), { parsed })).toThrow(`\`${Object.keys(parsed)[0]}\` leads to models`);
    expect(() => refuseOtherModels(undefined, { parsed })).not.toThrow();
  });
});

function allowed(names: readonly string[]): AllowedModels {
  return { includes: (...asked) => asked.some((name) => names.includes(name)) };
}
