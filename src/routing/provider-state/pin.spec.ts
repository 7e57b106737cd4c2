import { describe, expect, it } from '@jest/globals';
import type { Provider } from '../../core/provider.js';
import type { Target } from '../../core/target.js';
import { pinnedPlan } from './pin.js';

describe('pinnedPlan', () => {
  const targets = ['openai', 'elsewhere', 'openai'].map((name, at): Target => {
    return { provider: { name } as Provider, model: `model-${at}`, metricModel: 'other' };
  });

  it('keeps the targets at the provider, in their order', () => {
    const plan = pinnedPlan({ targets }, { provider: 'openai', account: 'a', field: 'previous_response_id' });

    expect(plan.targets.map(({ model }) => model)).toEqual(['model-0', 'model-2']);
  });

  it('names the field when the model does not lead there', () => {
    expect(() => pinnedPlan({ targets }, { provider: 'azure', account: 'a', field: 'previous_response_id' })).toThrow(
      expect.objectContaining({ kind: 'invalid_request', details: { param: 'previous_response_id' } }),
    );
  });
});
