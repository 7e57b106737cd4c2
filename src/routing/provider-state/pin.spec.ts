import { describe, expect, it } from '@jest/globals';
import { fakeTarget } from '../../../test/support/fake-target.js';
import type { Plan } from '../../core/target.js';
import { pinnedPlan } from './pin.js';

describe('pinnedPlan', () => {
  const targets = ['openai', 'elsewhere', 'openai'].map((provider, at) => fakeTarget({ provider, model: `model-${at}` }));
  const whole: Plan = { targets, onContextOverflow: targets.slice(1), onContentPolicy: targets.slice(1, 2) };

  it('keeps the targets at the provider, in their order', () => {
    const plan = pinnedPlan(whole, { provider: 'openai', account: 'a', field: 'previous_response_id' });

    expect(plan.targets.map(({ model }) => model)).toEqual(['model-0', 'model-2']);
  });

  it('keeps a refused prompt at the provider too', () => {
    const plan = pinnedPlan(whole, { provider: 'openai', account: 'a', field: 'previous_response_id' });

    expect(plan.onContextOverflow.map(({ model }) => model)).toEqual(['model-2']);
    expect(plan.onContentPolicy).toEqual([]);
  });

  it('names the field when the model does not lead there', () => {
    expect(() => pinnedPlan(whole, { provider: 'azure', account: 'a', field: 'previous_response_id' })).toThrow(
      expect.objectContaining({ kind: 'invalid_request', details: { param: 'previous_response_id' } }),
    );
  });
});
