import { describe, expect, it } from '@jest/globals';
import { TargetHealths } from '../routing/index.js';
import type { Toggles } from '../platform/index.js';
import { RouteToggles } from './route-toggles.js';

const ADMIN = { id: 'key-1', name: 'admin' };
const BREAKER = { failureRatio: 0.5, minimumCalls: 1, windowMs: 2_000, consecutive: 20, openMs: 15_000, halfOpenCalls: 1, slowCallMs: 0 };
const FAILURE = { failure: 'upstream_unavailable', stream: false, firstEventMs: undefined, durationMs: 10 } as const;

/** Toggles as another process would change them: `turn` is what is heard of it. */
function setUp() {
  const listeners: ((name: string, value: string | undefined) => void)[] = [];
  const written: (readonly [string, string | undefined])[] = [];
  const turn = (name: string, value: string | undefined): void => listeners.forEach((listener) => listener(name, value));
  const toggles: Pick<Toggles, 'onChange' | 'set'> = {
    onChange: (listener) => void listeners.push(listener),
    set: (name, value) => {
      written.push([name, value]);
      turn(name, value);
      return Promise.resolve();
    },
  };
  const healths = new TargetHealths(BREAKER, { budgetRatio: 0.1 }, { elapsed: () => 0 }, () => 0);
  const routes = new RouteToggles(toggles as Toggles, healths);
  const stateOf = (provider: string, model: string): string => healths.of(provider, model).state;
  return { routes, healths, turn, written, stateOf };
}

describe('what administrators have switched', () => {
  it('keeps a provider off until it is switched on again', async () => {
    const { routes, written } = setUp();

    await routes.setEnabled('openai', false, ADMIN);
    expect([routes.isEnabled('openai'), routes.isEnabled('anthropic')]).toEqual([false, true]);

    await routes.setEnabled('openai', true, ADMIN);
    expect(routes.isEnabled('openai')).toBe(true);
    expect(written).toEqual([
      ['provider:openai:enabled', 'false'],
      ['provider:openai:enabled', undefined],
    ]);
  });

  it('holds the breakers of a provider, of models too that are asked for later', async () => {
    const { routes, stateOf } = setUp();
    expect(stateOf('openai', 'known')).toBe('closed');

    await routes.force({ provider: 'openai' }, 'open', ADMIN);

    expect([stateOf('openai', 'known'), stateOf('openai', 'new'), stateOf('anthropic', 'known')]).toEqual(['open', 'open', 'closed']);
  });

  it('holds the breaker of one model, though its name has colons', async () => {
    const { routes, stateOf, written } = setUp();

    await routes.force({ provider: 'ollama', model: 'llama3:8b' }, 'open', ADMIN);

    expect(written).toEqual([['breaker:ollama:llama3:8b', 'open']]);
    expect([stateOf('ollama', 'llama3:8b'), stateOf('ollama', 'llama3')]).toEqual(['open', 'closed']);
  });

  it('says more with a model than with its provider, in whatever order it was said', async () => {
    const { routes, stateOf } = setUp();
    await routes.force({ provider: 'openai', model: 'spared' }, 'closed', ADMIN);
    await routes.force({ provider: 'openai' }, 'open', ADMIN);
    expect([stateOf('openai', 'spared'), stateOf('openai', 'other')]).toEqual(['closed', 'open']);

    await routes.force({ provider: 'openai', model: 'spared' }, undefined, ADMIN);
    expect(stateOf('openai', 'spared')).toBe('open');

    await routes.force({ provider: 'openai' }, undefined, ADMIN);
    expect([stateOf('openai', 'spared'), stateOf('openai', 'other')]).toEqual(['closed', 'closed']);
  });

  it('resets one breaker or all of a provider', () => {
    const { routes, healths, stateOf } = setUp();
    const fail = (model: string): void => {
      const health = healths.of('openai', model);
      health.tryAcquire();
      health.report(FAILURE);
    };
    for (const model of ['a', 'b', 'c']) fail(model);
    expect([stateOf('openai', 'a'), stateOf('openai', 'b'), stateOf('openai', 'c')]).toEqual(['open', 'open', 'open']);

    routes.reset({ provider: 'openai', model: 'a' });
    expect([stateOf('openai', 'a'), stateOf('openai', 'b')]).toEqual(['closed', 'open']);

    routes.reset({ provider: 'openai' });
    expect([stateOf('openai', 'b'), stateOf('openai', 'c')]).toEqual(['closed', 'closed']);
  });

  it.each([
    ['provider:openai:enabled', 'perhaps'],
    ['breaker:openai', 'ajar'],
    ['log:level', 'debug'],
    ['provider:openai', 'false'],
  ])('leaves things as configured for what it does not know: %s = %s', (name, value) => {
    const { routes, turn, stateOf } = setUp();

    turn(name, value);

    expect(routes.isEnabled('openai')).toBe(true);
    expect(stateOf('openai', 'model')).toBe('closed');
  });
});
