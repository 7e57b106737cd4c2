import { beforeEach, describe, expect, it } from '@jest/globals';
import type { Provider } from '../core/provider.js';
import { ModelCatalogue } from './model-catalogue.js';
import { RoutePlanner } from './route-planner.js';

const provider = (name: string, models?: string[]): Provider => ({ name, models }) as unknown as Provider;

function planner(providers: Provider[], known: Record<string, string[]> = {}, aliases: [string, [string, string][]][] = []) {
  const byName = new Map(providers.map((one) => [one.name, one]));
  const models = aliases.map(([name, targets]) => ({
    name,
    strategy: 'priority' as const,
    targets: targets.map(([at, model]) => ({ provider: at, model, weight: 1 })),
    onContextOverflow: [],
  }));
  const routing = { prefixes: { 'gpt-': 'openai', 'gpt-oss': 'local', 'claude-': 'anthropic', 'anthropic-': 'anthropic' } };
  return new RoutePlanner({ models, routing }, byName, new ModelCatalogue(byName, new Map(Object.entries(known))));
}

const where = (one: RoutePlanner, modelAsked: string, providerAsked?: string) =>
  one.plan({ modelAsked, providerAsked, hasProviderPreferences: false }).targets.map((target) => `${target.provider.name}:${target.model}`);

describe('RoutePlanner', () => {
  const openai = provider('openai');
  const local = provider('local', ['llama*', 'gpt-4o']);

  it('asks the provider that the request names, and only that one', () => {
    expect(where(planner([openai, local]), 'gpt-4o', 'local')).toEqual(['local:gpt-4o']);
    expect(() => where(planner([openai, local]), 'gpt-4o', 'nobody')).toThrow('Configured are: openai, local');
    expect(where(planner([openai, local]), 'other', 'local')).toEqual(['local:other']);
  });

  it('follows an alias to its targets in order, leaving out providers that are switched off', () => {
    const targets: [string, string][] = [
      ['local', 'llama-3'],
      ['gone', 'x'],
      ['openai', 'gpt-4o-mini'],
    ];

    expect(where(planner([openai, local], {}, [['fast', targets]]), 'fast')).toEqual(['local:llama-3', 'openai:gpt-4o-mini']);
  });

  it('takes the first segment for a provider only if there is one of that name', () => {
    expect(where(planner([openai, local]), 'openai/any/name')).toEqual(['openai:any/name']);
    expect(where(planner([provider('router', ['meta/llama'])]), 'meta/llama')).toEqual(['router:meta/llama']);
  });

  it('tries every provider that lists the name, in order of priority', () => {
    expect(where(planner([openai, local], { openai: ['gpt-4o'] }), 'gpt-4o')).toEqual(['openai:gpt-4o', 'local:gpt-4o']);
    expect(where(planner([openai, local]), 'llama-3.1')).toEqual(['local:llama-3.1']);
  });

  it('goes by the longest prefix where nobody lists the name', () => {
    expect(where(planner([openai]), 'gpt-99')).toEqual(['openai:gpt-99']);
    expect(() => where(planner([openai, local]), 'gpt-oss-120b')).toThrow('does not exist');
    expect(where(planner([provider('anthropic')]), 'anthropic-claude-x')).toEqual(['anthropic:claude-x']);
  });

  it('says so where nothing fits', () => {
    expect(() => where(planner([openai]), 'mystery')).toThrow('The model `mystery` does not exist here');
  });

  it('gives only listed models a name of their own in metrics', () => {
    const one = planner([openai], { openai: ['gpt-4o'] });

    expect(one.plan({ modelAsked: 'gpt-4o', providerAsked: undefined, hasProviderPreferences: false }).targets[0]!.metricModel).toBe(
      'gpt-4o',
    );
    expect(one.plan({ modelAsked: 'gpt-junk-1', providerAsked: undefined, hasProviderPreferences: false }).targets[0]!.metricModel).toBe(
      'other',
    );
  });

  it('lists aliases and known names, and no pattern', () => {
    const names = planner([openai, local], { openai: ['gpt-4o-mini'] }, [['fast', [['openai', 'x']]]]).names();

    expect(names.map(({ name }) => name)).toEqual(['fast', 'gpt-4o-mini', 'gpt-4o']);
  });

  describe('with a provider that is asked for its models', () => {
    let found: readonly string[] = [];
    const ollama = (models?: string[]): Provider => ({ name: 'ollama', models, discovered: () => found }) as unknown as Provider;
    beforeEach(() => {
      found = [];
    });

    it('goes by what was found last', () => {
      const one = planner([ollama(), openai], { openai: ['gpt-4o'] });
      expect(() => where(one, 'llama3.2')).toThrow('does not exist');

      found = ['llama3.2', 'gpt-oss:20b', 'gpt-4o'];
      expect(where(one, 'llama3.2')).toEqual(['ollama:llama3.2']);
      expect(where(one, 'gpt-oss:20b')).toEqual(['ollama:gpt-oss:20b']);
      expect(where(one, 'gpt-4o')).toEqual(['ollama:gpt-4o', 'openai:gpt-4o']);

      found = ['qwen3'];
      expect(() => where(one, 'llama3.2')).toThrow('does not exist');
      expect(where(one, 'gpt-4o')).toEqual(['openai:gpt-4o']);
    });

    it('lists what was found, as far as its patterns let it', () => {
      const open = planner([ollama()]);
      const closed = planner([ollama(['llama*', 'mine'])]);

      found = ['llama3.2', 'qwen3'];

      expect(open.names().map(({ name }) => name)).toEqual(['llama3.2', 'qwen3']);
      expect(closed.names().map(({ name }) => name)).toEqual(['mine', 'llama3.2']);
    });

    it('gives models that were found a name of their own in metrics', () => {
      const one = planner([ollama()]);
      const labelOf = () =>
        one.plan({ modelAsked: 'llama3.2', providerAsked: 'ollama', hasProviderPreferences: false }).targets[0]!.metricModel;
      expect(labelOf()).toBe('other');

      found = ['llama3.2'];

      expect(labelOf()).toBe('llama3.2');
    });
  });
});
