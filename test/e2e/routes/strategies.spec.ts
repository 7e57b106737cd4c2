import { describe, expect, it } from '@jest/globals';
import { cuts, lags } from '../../support/upstream/behaviours.js';
import { alias, good, placeAt, RouteStage } from './route-stage.js';

const CALLS = 200;

async function tally(stage: RouteStage<string>, model: string, calls: number): Promise<Record<string, number>> {
  const answered: Record<string, number> = {};
  for (let count = 0; count < calls; count += 1) {
    const provider = (await (await stage.begin(model)).client.answer).headers['x-tollgate-provider']!;
    answered[provider] = (answered[provider] ?? 0) + 1;
  }
  return answered;
}

describe('the strategy', () => {
  const price = (model: string, picoUsd: bigint) => ({
    model,
    inputPicoUsd: picoUsd,
    outputPicoUsd: picoUsd * 4n,
    cacheReadPicoUsd: undefined,
    cacheWritePicoUsd: undefined,
  });
  const stage = RouteStage.set({
    providers: { first: {}, second: {}, third: {} },
    models: [
      alias('by-weight', [], {
        strategy: 'weighted',
        targets: [
          { ...placeAt('first'), weight: 3 },
          { ...placeAt('second'), weight: 1 },
        ],
      }),
      alias('by-latency', ['first', 'second'], { strategy: 'latency' }),
      alias('by-cost', ['first', 'second', 'third'], { strategy: 'cost' }),
    ],
    config: {
      prices: [price('second-model', 2_000n), price('third-model', 1_000n)],
      retry: { maxAttempts: 3, baseMs: 1, budgetRatio: 0 },
    },
  });

  it('`weighted` spreads calls by weight', async () => {
    for (const upstream of stage.upstreams.values()) upstream.always(good);

    const { first = 0, second = 0 } = await tally(stage, 'by-weight', CALLS);

    // Six standard deviations around three quarters: chance alone misses it once in a thousand million runs.
    expect(first + second).toBe(CALLS);
    expect(Math.abs(first - 0.75 * CALLS)).toBeLessThan(37);
  });

  it('`latency` leaves a target that answers late for one that does not', async () => {
    stage.upstream('first').always(lags(150, good));
    stage.upstream('second').always(good);

    await tally(stage, 'by-latency', 6);
    const { second = 0 } = await tally(stage, 'by-latency', 30);

    expect(second).toBeGreaterThanOrEqual(28);
  });

  it('`cost` asks the cheapest first, and one without a price last', async () => {
    stage.upstream('third').always(good);

    expect(await tally(stage, 'by-cost', 5)).toEqual({ third: 5 });
  });

  it('`cost` falls back to the next cheapest', async () => {
    stage.upstream('third').always(cuts);
    stage.upstream('second').always(cuts);
    stage.upstream('first').always(good);

    const { row } = await stage.ask('by-cost');

    expect(row.attempts.map(({ provider }) => provider)).toEqual(['third', 'second', 'first']);
  });
});
