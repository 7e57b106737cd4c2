import { describe, expect, it } from '@jest/globals';
import { configFrom, problemsIn } from '../../../../test/support/config-folder.js';

const inYaml = (content: string, env: Record<string, string> = {}) => ({ env, files: { 'tollgate.yaml': content } });

describe('models', () => {
  it('lead to targets in order', () => {
    const { models } = configFrom(inYaml('models: [{name: fast, targets: [{provider: echo, model: a}, {provider: echo, model: b}]}]'));

    expect(models).toEqual([
      {
        name: 'fast',
        strategy: 'priority',
        targets: [
          { provider: 'echo', model: 'a', weight: 1 },
          { provider: 'echo', model: 'b', weight: 1 },
        ],
        onContextOverflow: [],
        onContentPolicy: [],
      },
    ]);
  });

  it('have a strategy, shares, and places for prompts that a target will not take', () => {
    const yaml = `
models:
  - name: fast
    strategy: latency
    targets: [{provider: echo, model: a, weight: 3}]
    on_context_overflow: [{provider: echo, model: long}]
    on_content_policy: [{provider: echo, model: lenient}]`;

    expect(configFrom(inYaml(yaml)).models).toEqual([
      {
        name: 'fast',
        strategy: 'latency',
        targets: [{ provider: 'echo', model: 'a', weight: 3 }],
        onContextOverflow: [{ provider: 'echo', model: 'long' }],
        onContentPolicy: [{ provider: 'echo', model: 'lenient' }],
      },
    ]);
  });

  it.each([
    [
      'models: [{name: m, targets: [{provider: ecoh, model: a}]}]',
      'models[0].targets[0].provider: there is no provider "ecoh"; did you mean echo?',
    ],
    [
      'models: [{name: m, targets: [{provider: openai, model: a}]}]',
      'models[0].targets[0].provider: there is no provider "openai"; set OPENAI_API_KEY, or list it under providers',
    ],
    [
      'models: [{name: m, targets: [{provider: echo, model: a}], on_content_policy: [{provider: elsewhere, model: a}]}]',
      'models[0].on_content_policy[0].provider: there is no provider "elsewhere"; configured are echo',
    ],
    [
      'models: [{name: m, targets: [{provider: echo, model: a}], on_context_overflow: [{provider: echo, model: a, weight: 2}]}]',
      'models[0].on_context_overflow[0].weight: unknown key; known here are provider, model',
    ],
    [
      'models: [{name: m, strategy: random, targets: [{provider: echo, model: a}]}]',
      'models[0].strategy: expected priority, weighted, latency or cost, found "random"',
    ],
    ['routing: {prefixes: {x-: elsewhere}}', 'routing.prefixes["x-"]: there is no provider "elsewhere"; configured are echo'],
    [
      'models: [{name: m, targets: [{provider: echo, model: a}]}, {name: m, targets: [{provider: echo, model: b}]}]',
      'models[1].name: "m" is taken by models[0]; give it another, or remove one',
    ],
    [
      'prices: [{model: m, input: 1, output: 1}, {model: m, input: 2, output: 2}]',
      'prices[1].model: "m" is taken by prices[0]; give it another, or remove one',
    ],
    ['models: [{name: m, targets: []}]', 'models[0].targets: expected a list, found an empty one'],
  ])('%s is refused in one line', (yaml, line) => {
    expect(problemsIn(inYaml(yaml))).toEqual([line]);
  });

  it('have prefixes that may lead nowhere only by default', () => {
    expect(configFrom({}).routing.prefixes).toEqual({
      'gpt-': 'openai',
      'claude-': 'anthropic',
      'anthropic-': 'anthropic',
      'deepseek-': 'deepseek',
    });
    expect(configFrom(inYaml('routing: {prefixes: {any-: echo}}')).routing.prefixes).toEqual({ 'any-': 'echo' });
  });

  it('have a default: what is set, else the first that the first provider lists', () => {
    const yaml = 'providers: [{name: off, type: echo, enabled: false, priority: 0}, {name: openai, models: ["o*", gpt-4o]}]';
    const env = { OPENAI_API_KEY: 'k' };

    expect(configFrom(inYaml(yaml, env)).defaultModel).toBe('gpt-4o');
    expect(configFrom(inYaml(yaml, { ...env, OPENAI_MODEL: 'b' })).defaultModel).toBe('b');
    expect(configFrom(inYaml(yaml, { ...env, OPENAI_MODEL: 'b', DEFAULT_MODEL: 'a' })).defaultModel).toBe('a');
    expect(configFrom({ env }).defaultModel).toBeUndefined();
  });
});
