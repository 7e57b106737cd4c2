import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fakeTarget, seededRandom } from '../../../test/support/fake-target.js';
import type { PricedModel } from '../../core/price.js';
import type { Plan, Target } from '../../core/target.js';
import { byPriority } from './by-weight.js';
import { asListed, type Ordering, type OrderingSources, type SizedRequest } from './ordering.js';
import { orderPlan } from './order-plan.js';
import { STRATEGY_ORDERINGS } from './strategies.js';

const NO_PRICES: OrderingSources = { random: seededRandom(1), priceOf: () => undefined };
const request = (more: Partial<SizedRequest> = {}): SizedRequest => ({
  dialect: 'openai-chat',
  raw: Buffer.alloc(400),
  parsed: {},
  choices: 1,
  ...more,
});
const planOf = (targets: readonly Target[]): Plan => ({ targets, onContextOverflow: [], onContentPolicy: [] });
const names = (targets: readonly Target[]): string[] => targets.map(({ provider }) => provider.name);

function order(targets: readonly Target[], ordering: Ordering, sources = NO_PRICES, asked = request()): string[] {
  return names(orderPlan(planOf(targets), ordering, asked, sources).targets);
}

/** How often each target is first in so many calls. */
function firsts(targets: readonly Target[], ordering: Ordering, calls: number): Record<string, number> {
  const sources = { ...NO_PRICES, random: seededRandom(42) };
  const counts: Record<string, number> = {};
  for (let call = 0; call < calls; call++) {
    const [first] = order(targets, ordering, sources);
    counts[first!] = (counts[first!] ?? 0) + 1;
  }
  return counts;
}

const price = (input: bigint, output: bigint): PricedModel => ({
  price: {
    input,
    cacheRead: 0n,
    cacheWrite5m: 0n,
    cacheWrite1h: 0n,
    output,
    audioInput: 0n,
    audioOutput: 0n,
    image: 0n,
  },
  version: 'test',
  id: 'test',
});
const pricesOf = (prices: Record<string, PricedModel>): OrderingSources => ({
  ...NO_PRICES,
  priceOf: ({ provider }) => prices[provider.name],
});

describe('every strategy', () => {
  const targets = fc.array(
    fc.record({
      priority: fc.nat(2),
      weight: fc.integer({ min: 1, max: 1_000 }),
      load: fc.nat(3),
      awake: fc.nat(1),
      state: fc.constantFrom('closed', 'open', 'half_open'),
      price: fc.option(fc.nat(3), { nil: undefined }),
    }),
    { maxLength: 6 },
  );

  it.each(Object.entries({ ...STRATEGY_ORDERINGS, byPriority }))(
    '%s keeps all targets, each once, and those to be left alone last',
    (_, ordering) => {
      fc.assert(
        fc.property(targets, fc.integer({ min: 1, max: 1e6 }), (described, seed) => {
          const listed = described.map((state, index) => fakeTarget({ ...state, provider: `p${index}` }));
          const sources: OrderingSources = {
            random: seededRandom(seed),
            priceOf: ({ provider }) => {
              const input = described[Number(provider.name.slice(1))]!.price;
              return input === undefined ? undefined : price(BigInt(input) * 1_000_000n, 0n);
            },
          };

          const { targets: ordered } = orderPlan(planOf(listed), ordering, request(), sources);

          expect(new Set(ordered)).toEqual(new Set(listed));
          expect(ordered).toHaveLength(listed.length);
          const rested = ordered.map(({ health, provider, model }) => health.state === 'open' || provider.awake(model) === 0);
          expect(rested.lastIndexOf(false)).toBeLessThan(rested.includes(true) ? rested.indexOf(true) : rested.length);
        }),
      );
    },
  );
});

describe('the strategy priority', () => {
  it('gives back the plan itself while all is well', () => {
    const plan = { ...planOf(['a', 'b', 'c'].map(fakeTarget)), onContextOverflow: ['d', 'e'].map(fakeTarget) };

    expect(orderPlan(plan, asListed, request(), NO_PRICES)).toBe(plan);
  });

  it('puts open breakers and providers without an account awake behind the others, in their order', () => {
    const states = [{ state: 'open' }, { awake: 0 }, {}, { state: 'half_open' }, { state: 'open' }, {}] as const;
    const targets = states.map((state, index) => fakeTarget({ ...state, provider: String(index) }));

    expect(order(targets, asListed)).toEqual(['2', '3', '5', '0', '1', '4']);
  });

  it('does the same where prompts go that are too long or refused', () => {
    const list = [fakeTarget({ provider: 'a', state: 'open' }), fakeTarget('b')];
    const plan: Plan = { targets: [fakeTarget('c')], onContextOverflow: list, onContentPolicy: list };

    const ordered = orderPlan(plan, asListed, request(), NO_PRICES);

    expect(names(ordered.onContextOverflow)).toEqual(['b', 'a']);
    expect(names(ordered.onContentPolicy)).toEqual(['b', 'a']);
    expect(ordered.targets).toBe(plan.targets);
  });

  it('neither loses nor doubles a target whose breaker changes while it is looked at', () => {
    let looks = 0;
    const health = { ...fakeTarget('b').health };
    Object.defineProperty(health, 'state', { get: () => (looks++ % 2 === 0 ? 'open' : 'closed') });
    const targets = [fakeTarget('a'), { ...fakeTarget('b'), health }, fakeTarget('c')];

    expect(order(targets, asListed).toSorted()).toEqual(['a', 'b', 'c']);
  });
});

describe('the strategy weighted', () => {
  it('puts each target first in proportion to its weight', () => {
    const targets = [1, 2, 7].map((weight, index) => fakeTarget({ provider: 'abc'[index]!, weight }));

    const counts = firsts(targets, STRATEGY_ORDERINGS.weighted, 20_000);

    expect(counts['a']! / 20_000).toBeCloseTo(0.1, 2);
    expect(counts['b']! / 20_000).toBeCloseTo(0.2, 2);
    expect(counts['c']! / 20_000).toBeCloseTo(0.7, 2);
  });

  it('draws the fallbacks by weight too', () => {
    const targets = [1_000_000, 3, 1].map((weight, index) => fakeTarget({ provider: 'abc'[index]!, weight }));
    const sources = { ...NO_PRICES, random: seededRandom(7) };
    const calls = 4_000;

    const seconds = Array.from({ length: calls }, () => order(targets, STRATEGY_ORDERINGS.weighted, sources)[1]);

    expect(seconds.filter((name) => name === 'b').length / calls).toBeCloseTo(0.75, 1);
  });

  it('shares the calls of a target that is left alone among the others', () => {
    const targets = [fakeTarget({ provider: 'a', weight: 8, state: 'open' }), fakeTarget('b'), fakeTarget('c')];

    const counts = firsts(targets, STRATEGY_ORDERINGS.weighted, 2_000);

    expect(counts['a']).toBeUndefined();
    expect(counts['b']! / 1_000).toBeCloseTo(1, 0);
  });

  it.each([0, 1 - 2 ** -53])('does with a random number of %d', (number) => {
    const targets = ['a', 'b', 'c'].map(fakeTarget);

    expect(order(targets, STRATEGY_ORDERINGS.weighted, { ...NO_PRICES, random: () => number })).toEqual(['a', 'b', 'c']);
  });
});

describe('names that several providers list', () => {
  it('go by priority, and by weight within one', () => {
    const targets = [
      fakeTarget({ provider: 'first', priority: 0 }),
      fakeTarget({ provider: 'light', priority: 1, weight: 1 }),
      fakeTarget({ provider: 'heavy', priority: 1, weight: 3 }),
      fakeTarget({ provider: 'last', priority: 2, weight: 1_000 }),
    ];
    const sources = { ...NO_PRICES, random: seededRandom(3) };

    const orders = Array.from({ length: 4_000 }, () => order(targets, byPriority, sources));

    expect(new Set(orders.map(([first]) => first))).toEqual(new Set(['first']));
    expect(new Set(orders.map((one) => one[3]))).toEqual(new Set(['last']));
    expect(orders.filter((one) => one[1] === 'heavy').length / 4_000).toBeCloseTo(0.75, 1);
  });
});

describe('the strategy latency', () => {
  const targets = [5, 9, 1].map((load, index) => fakeTarget({ provider: 'abc'[index]!, load }));
  const drawing = (...numbers: number[]) => ({ ...NO_PRICES, random: () => numbers.shift()! });

  it.each([
    ['a and b', [0, 0], ['a', 'c', 'b']],
    ['a and c', [0, 0.9], ['c', 'a', 'b']],
    ['b and c', [0.5, 0], ['c', 'a', 'b']],
    ['c and a', [0.9, 0], ['c', 'a', 'b']],
  ])('takes the less loaded of two by chance, then the others by load: %s', (_, numbers, expected) => {
    expect(order(targets, STRATEGY_ORDERINGS.latency, drawing(...numbers))).toEqual(expected);
  });

  it('never begins with the most loaded of all', () => {
    expect(firsts(targets, STRATEGY_ORDERINGS.latency, 1_000)['b']).toBeUndefined();
  });

  it('prefers none of those that are alike', () => {
    const counts = firsts(['a', 'b', 'c', 'd'].map(fakeTarget), STRATEGY_ORDERINGS.latency, 4_000);

    for (const name of 'abcd') expect(counts[name]! / 1_000).toBeCloseTo(1, 0);
  });

  it('chooses among those that may be asked', () => {
    const open = fakeTarget({ provider: 'open', state: 'open', load: 0 });

    expect(firsts([open, ...targets], STRATEGY_ORDERINGS.latency, 1_000)['open']).toBeUndefined();
  });
});

describe('the strategy cost', () => {
  const targets = ['a', 'b', 'c'].map(fakeTarget);
  const { cost } = STRATEGY_ORDERINGS;
  /** One is cheap to ask, the other cheap to be answered by. */
  const crossed = pricesOf({ a: price(1_000_000n, 20_000_000n), b: price(5_000_000n, 5_000_000n) });

  it('puts the cheapest first, and what has no price last', () => {
    const prices = pricesOf({ b: price(2_000_000n, 8_000_000n), c: price(1_000_000n, 4_000_000n) });

    expect(order(targets, cost, prices)).toEqual(['c', 'b', 'a']);
  });

  it('counts a price of nothing as a price', () => {
    expect(order(targets, cost, pricesOf({ a: price(1n, 1n), c: price(0n, 0n) }))).toEqual(['c', 'a', 'b']);
  });

  it('leaves equals as they are listed', () => {
    const same = price(1_000_000n, 1_000_000n);

    expect(order(targets, cost, pricesOf({ a: same, b: same, c: same }))).toEqual(['a', 'b', 'c']);
    expect(order(targets, cost)).toEqual(['a', 'b', 'c']);
  });

  it.each<[string, Partial<SizedRequest>, string]>([
    ['a long prompt and a short answer', { raw: Buffer.alloc(400_000), parsed: { max_tokens: 10 } }, 'a'],
    ['a short prompt and a long answer', { parsed: { max_tokens: 10_000 } }, 'b'],
    ['the limit of newer requests', { parsed: { max_completion_tokens: 10_000 } }, 'b'],
    ['the limit of Responses', { parsed: { max_output_tokens: 1 } }, 'a'],
    ['no limit', { raw: Buffer.alloc(400), parsed: {} }, 'b'],
    ['a limit of nothing', { raw: Buffer.alloc(400), parsed: { max_tokens: null } }, 'b'],
    ['several answers', { raw: Buffer.alloc(4_000), parsed: { max_tokens: 100 }, choices: 10 }, 'b'],
    ['one of them', { raw: Buffer.alloc(4_000), parsed: { max_tokens: 100 }, choices: 1 }, 'a'],
    ['embeddings, which have no answer to pay', { dialect: 'embeddings' }, 'a'],
  ])('weighs input against output: %s', (_, asked, expected) => {
    expect(order(targets.slice(0, 2), cost, crossed, request(asked))[0]).toBe(expected);
  });

  it('takes the tier of the price that a prompt of this length has', () => {
    const tiered: PricedModel = { ...price(1_000_000n, 0n), tiers: [{ aboveInputTokens: 100_000, price: price(9_000_000n, 0n).price }] };
    const prices = pricesOf({ a: tiered, b: price(2_000_000n, 0n) });

    expect(order(targets.slice(0, 2), cost, prices, request({ raw: Buffer.alloc(400_000) }))).toEqual(['a', 'b']);
    expect(order(targets.slice(0, 2), cost, prices, request({ raw: Buffer.alloc(400_004) }))).toEqual(['b', 'a']);
  });
});
