import { beforeEach, describe, expect, it } from '@jest/globals';
import { fakeTarget, seededRandom } from '../../test/support/fake-target.js';
import { testProvider } from '../../test/support/config.js';
import type { Provider } from '../core/provider.js';
import type { Config, ModelAlias } from '../platform/index.js';
import { ModelCatalogue } from './model-catalogue.js';
import { RoutePlanner, type RouteRequest, type RouteSources } from './route-planner.js';

const NOTHING = { input: 0n, cacheRead: 0n, cacheWrite5m: 0n, cacheWrite1h: 0n, output: 0n, audioInput: 0n, audioOutput: 0n, image: 0n };

/** Each has a priority of its own, in the order in which they are made, unless it is told another. */
let made = 0;
beforeEach(() => {
  made = 0;
});
const provider = (name: string, models?: string[], more: Partial<Provider> = {}): Provider =>
  ({ name, models, priority: made++, weight: 1, awake: () => 1, ...more }) as Provider;

type Aliases = readonly [string, [string, string][], Partial<ModelAlias>?][];

function sourcesOf(providers: Provider[], known: Record<string, string[]> = {}, aliases: Aliases = []): RouteSources {
  const byName = new Map(providers.map((one) => [one.name, one]));
  const models = aliases.map(([name, targets, more]) => ({
    name,
    strategy: 'priority' as const,
    targets: targets.map(([at, model]) => ({ provider: at, model, weight: 1 })),
    onContextOverflow: [],
    onContentPolicy: [],
    ...more,
  }));
  const prefixes = { 'gpt-': 'openai', 'gpt-oss': 'local', 'claude-': 'anthropic', 'anthropic-': 'anthropic' };
  const config: Pick<Config, 'models' | 'routing' | 'providers'> = { models, routing: { prefixes }, providers: [] };
  const { health, traffic } = fakeTarget('any');
  return {
    config,
    providers: byName,
    catalogue: new ModelCatalogue(byName, new Map(Object.entries(known))),
    healths: { of: () => health, trafficOf: () => traffic },
    isEnabled: () => true,
    priceOf: () => undefined,
    random: seededRandom(1),
  };
}

const planner = (...told: Parameters<typeof sourcesOf>): RoutePlanner => new RoutePlanner(sourcesOf(...told));

const asking = (modelAsked: string, more: Partial<RouteRequest> = {}): RouteRequest => ({
  modelAsked,
  providerAsked: undefined,
  hasProviderPreferences: false,
  dialect: 'openai-chat',
  raw: Buffer.alloc(100),
  parsed: {},
  choices: 1,
  ...more,
});

const where = (one: RoutePlanner, modelAsked: string, providerAsked?: string) =>
  one.plan(asking(modelAsked, { providerAsked })).targets.map((target) => `${target.provider.name}:${target.model}`);

describe('RoutePlanner', () => {
  let openai: Provider;
  let local: Provider;
  beforeEach(() => {
    openai = provider('openai');
    local = provider('local', ['llama*', 'gpt-4o']);
  });

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

    expect(one.plan(asking('gpt-4o')).targets[0]!.metricModel).toBe('gpt-4o');
    expect(one.plan(asking('gpt-junk-1')).targets[0]!.metricModel).toBe('other');
  });

  it('lists aliases and known names, and no pattern', () => {
    const names = planner([openai, local], { openai: ['gpt-4o-mini'] }, [['fast', [['openai', 'x']]]]).names();

    expect(names.map(({ name }) => name)).toEqual(['fast', 'gpt-4o-mini', 'gpt-4o']);
  });

  it('remembers what a name means, and gives the remembered plan to each call that changes nothing in it', () => {
    const one = planner([openai, local], { openai: ['gpt-4o'] }, [
      [
        'fast',
        [
          ['openai', 'a'],
          ['local', 'b'],
        ],
      ],
    ]);

    for (const name of ['gpt-4o', 'fast', 'openai/x', 'gpt-99']) {
      const plan = one.plan(asking(name));
      expect(one.plan(asking(name))).toBe(plan);
      expect(one.plan(asking(name), () => true)).toBe(plan);
    }
  });

  it('asks the providers of one priority by their weight', () => {
    const twins = [
      provider('light', ['m'], { priority: 1 }),
      provider('heavy', ['m'], { priority: 1, weight: 4 }),
      provider('last', ['m']),
    ];
    const one = planner(twins.map((twin) => ({ ...twin, priority: twin.name === 'last' ? 2 : 1 })));

    const orders = Array.from({ length: 2_000 }, () => where(one, 'm'));

    expect(orders.filter(([first]) => first === 'heavy:m').length / 2_000).toBeCloseTo(0.8, 1);
    expect(new Set(orders.map((order) => order[2]))).toEqual(new Set(['last:m']));
  });

  it('follows the strategy of an alias, with the weights that the alias gives', () => {
    const targets = [
      { provider: 'openai', model: 'a', weight: 1 },
      { provider: 'openai', model: 'b', weight: 9 },
    ];
    const one = planner([openai], {}, [['fast', [], { strategy: 'weighted', targets }]]);

    const orders = Array.from({ length: 2_000 }, () => where(one, 'fast'));

    expect(orders.filter(([first]) => first === 'openai:b').length / 2_000).toBeCloseTo(0.9, 1);
    expect(new Set(one.plan(asking('fast')).targets.map(({ weight }) => weight))).toEqual(new Set([1, 9]));
  });

  it('looks at the price of the moment where the strategy is cost', () => {
    const dear = { version: 'v', id: 'v', price: { ...NOTHING, output: 9n } };
    const cheap = { version: 'v', id: 'v', price: { ...NOTHING, output: 1n } };
    const sources = sourcesOf([openai, local], {}, [
      [
        'fast',
        [
          ['openai', 'a'],
          ['local', 'b'],
        ],
        { strategy: 'cost' },
      ],
    ]);
    let dearest = 'openai';
    const one = new RoutePlanner({ ...sources, priceOf: (target) => (target.provider.name === dearest ? dear : cheap) });
    const body = { parsed: { max_tokens: 10_000 } };

    expect(one.plan(asking('fast', body)).targets[0]!.model).toBe('b');
    dearest = 'local';
    expect(one.plan(asking('fast', body)).targets[0]!.model).toBe('a');
  });

  it('says where prompts go that are too long or refused', () => {
    const more = {
      onContextOverflow: [
        { provider: 'openai', model: 'long' },
        { provider: 'gone', model: 'x' },
      ],
      onContentPolicy: [{ provider: 'local', model: 'lenient' }],
    };
    const { onContextOverflow, onContentPolicy } = planner([openai, local], {}, [['fast', [['openai', 'a']], more]]).plan(asking('fast'));

    expect(onContextOverflow.map(({ model }) => model)).toEqual(['long']);
    expect(onContentPolicy.map(({ model }) => model)).toEqual(['lenient']);
  });

  it('joins each target with how it fares and with what its provider allows', () => {
    const sources = sourcesOf([openai, local], { openai: ['gpt-4o'] });
    const asked: unknown[] = [];
    const { health, traffic } = fakeTarget('any');
    const healths = {
      of: (...names: unknown[]) => (asked.push(names), health),
      trafficOf: (...names: unknown[]) => (asked.push(names), traffic),
    };
    const config = { ...sources.config, providers: [testProvider({ name: 'openai', maxConcurrency: 7 }), testProvider({ name: 'local' })] };
    const one = new RoutePlanner({ ...sources, config, healths });

    expect(one.plan(asking('gpt-4o')).targets[0]).toMatchObject({ health, traffic });
    one.plan(asking('made-up', { providerAsked: 'local' }));

    expect(asked).toEqual([
      ['openai', 'gpt-4o'],
      ['openai', 7],
      ['local', 'gpt-4o'],
      ['local', 0],
      ['local', 'other'],
      ['local', 0],
    ]);
  });

  it('puts a target that is better left alone behind the others, for as long as that is so', () => {
    const sources = sourcesOf([openai, local], { openai: ['gpt-4o'] });
    const { health: well } = fakeTarget('any');
    let state: 'open' | 'closed' = 'open';
    const ill = Object.defineProperty({ ...well }, 'state', { get: () => state });
    const healths = { ...sources.healths, of: (name: string) => (name === 'openai' ? ill : well) };
    const one = new RoutePlanner({ ...sources, healths });

    expect(where(one, 'gpt-4o')).toEqual(['local:gpt-4o', 'openai:gpt-4o']);
    state = 'closed';
    expect(where(one, 'gpt-4o')).toEqual(['openai:gpt-4o', 'local:gpt-4o']);
  });

  describe('with providers that are switched off', () => {
    let off: string[];
    let one: RoutePlanner;
    beforeEach(() => {
      off = [];
      const more = {
        onContextOverflow: [
          { provider: 'local', model: 'long' },
          { provider: 'openai', model: 'long' },
        ],
      };
      const sources = sourcesOf([openai, local], { openai: ['gpt-4o'] }, [
        [
          'fast',
          [
            ['openai', 'a'],
            ['local', 'b'],
          ],
          more,
        ],
      ]);
      one = new RoutePlanner({ ...sources, isEnabled: (name) => !off.includes(name) });
    });

    it('leaves them out for as long as they are', () => {
      const whole = one.plan(asking('fast'));
      off = ['openai'];

      expect(where(one, 'fast')).toEqual(['local:b']);
      expect(one.plan(asking('fast')).onContextOverflow.map((target) => target.provider.name)).toEqual(['local']);
      expect(where(one, 'gpt-4o')).toEqual(['local:gpt-4o']);

      off = [];
      expect(one.plan(asking('fast'))).toBe(whole);
    });

    it.each([
      ['gpt-99', undefined],
      ['openai/x', undefined],
      ['x', 'openai'],
    ])('says so where nothing is left: %s %s', (model, at) => {
      off = ['openai'];

      expect(() => where(one, model, at)).toThrow(
        expect.objectContaining({ kind: 'upstream_unavailable', message: expect.stringContaining('switched off') }),
      );
    });

    it('does not list what cannot be asked', () => {
      off = ['local'];

      expect(one.names().map(({ name, targets }) => [name, targets.map((place) => place.provider.name)])).toEqual([
        ['fast', ['openai']],
        ['gpt-4o', ['openai']],
      ]);
      expect(() => one.find('local/x')).toThrow('does not exist');
    });
  });

  it('leaves out what this call may not use, and refuses where nothing is left', () => {
    const more = {
      onContentPolicy: [
        { provider: 'openai', model: 'c' },
        { provider: 'local', model: 'd' },
      ],
    };
    const one = planner([openai, local], {}, [
      [
        'fast',
        [
          ['openai', 'a'],
          ['local', 'b'],
        ],
        more,
      ],
    ]);

    const plan = one.plan(asking('fast'), ({ provider: { name } }) => name === 'local');

    expect([plan.targets, plan.onContentPolicy].map((targets) => targets.map(({ model }) => model))).toEqual([['b'], ['d']]);
    expect(() => one.plan(asking('fast'), () => false)).toThrow(
      expect.objectContaining({ kind: 'forbidden', message: expect.stringContaining('`fast`'), details: { param: 'model' } }),
    );
  });

  it('hands preferences for providers only to one that understands them', () => {
    const router = provider('router', undefined, { hasProviderField: true });
    const more = { onContextOverflow: [{ provider: 'openai', model: 'c' }] };
    const one = planner([openai, router], {}, [
      [
        'fast',
        [
          ['openai', 'a'],
          ['router', 'b'],
        ],
        more,
      ],
    ]);

    const plan = one.plan(asking('fast', { hasProviderPreferences: true }));

    expect([plan.targets, plan.onContextOverflow].map((targets) => targets.map(({ model }) => model))).toEqual([['b'], []]);
    expect(() => one.plan(asking('gpt-99', { hasProviderPreferences: true }))).toThrow('only OpenRouter takes an object');
  });

  it('finds where a name leads without planning a call', () => {
    const one = planner([openai, local], { openai: ['gpt-4o'] });

    expect(one.find('gpt-4o').map((place) => `${place.provider.name}:${place.model}`)).toEqual(['openai:gpt-4o', 'local:gpt-4o']);
    expect(() => one.find('mystery')).toThrow(expect.objectContaining({ kind: 'unknown_model' }));
  });

  describe('with a provider that is asked for its models', () => {
    let found: readonly string[] = [];
    const ollama = (models?: string[]): Provider => provider('ollama', models, { discovered: () => found });
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
      const labelOf = () => one.plan(asking('llama3.2', { providerAsked: 'ollama' })).targets[0]!.metricModel;
      expect(labelOf()).toBe('other');

      found = ['llama3.2'];

      expect(labelOf()).toBe('llama3.2');
    });
  });
});
