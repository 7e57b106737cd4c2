import { describe, expect, it } from '@jest/globals';
import { configFrom, problemsIn } from '../../../../test/support/config-folder.js';
import { toCostKey } from './token-costs.js';

describe('COST_PER_TOKEN_…', () => {
  it('prices both sides, or one, which comes first', () => {
    const { costPerToken } = configFrom({
      env: { COST_PER_TOKEN_GPT_4O: '0.00001', COST_PER_TOKEN_GPT_4O_OUTPUT: '4e-5', COST_PER_TOKEN_MY_MODEL_INPUT: '0.000000000001' },
    });

    expect(costPerToken.exact).toEqual([
      { model: 'GPT_4O', inputPicoUsd: 10_000_000n, outputPicoUsd: 40_000_000n },
      { model: 'MY_MODEL', inputPicoUsd: 1n, outputPicoUsd: undefined },
    ]);
  });

  it('knows the families', () => {
    const env = { COST_PER_TOKEN_GPT4: '1e-5', COST_PER_TOKEN_GPT35: '1e-6', COST_PER_TOKEN_CLAUDE_OUTPUT: '1e-7' };

    expect(configFrom({ env }).costPerToken.families.map(({ model }) => model)).toEqual(['gpt-4', 'gpt-3.5', 'claude']);
  });

  it('is read from .env too', () => {
    expect(configFrom({ files: { '.env': 'COST_PER_TOKEN_X=1e-6' } }).costPerToken.exact).toHaveLength(1);
  });

  it('refuses what cannot be priced exactly', () => {
    expect(problemsIn({ env: { COST_PER_TOKEN_X: '1e-13', COST_PER_TOKEN_y: '1' } })).toEqual([
      expect.stringMatching(/^COST_PER_TOKEN_X: finer than a price can be.*found "1e-13"$/),
      "COST_PER_TOKEN_y: expected the model's name upper-cased with _, as in COST_PER_TOKEN_GPT_4O",
    ]);
  });
});

describe('toCostKey', () => {
  it.each([
    ['gpt-4o', 'GPT_4O'],
    ['gpt-3.5-turbo', 'GPT_3_5_TURBO'],
    ['meta/llama-3:free', 'META_LLAMA_3_FREE'],
  ])('spells %s as %s', (model, key) => {
    expect(toCostKey(model)).toBe(key);
  });
});
