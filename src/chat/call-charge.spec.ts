import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AttemptRecord } from '../core/call.js';
import type { PricedModel } from '../core/price.js';
import { type Bucket, BUCKETS, NO_USAGE } from '../core/usage.js';
import { testConfig } from '../../test/support/config.js';
import { chargeFor, usedInVain } from './call-charge.js';
import type { LiveCall } from './live-call.js';

const FREE = Object.fromEntries(BUCKETS.map((bucket) => [bucket, 0n])) as Record<Bucket, bigint>;
/** A nano-dollar for each token of input, two for each of output. */
const PRICED: PricedModel = {
  price: { ...FREE, input: 1_000n, output: 2_000n },
  tiers: [{ aboveInputTokens: 100, price: { ...FREE, input: 3_000n, output: 6_000n } }],
  factors: { flex: { numerator: 1n, denominator: 2n } },
  version: 'test',
  id: 'abc',
};
const USAGE = { ...NO_USAGE, input: 10, output: 5 };
const { billing } = testConfig();

interface Situation {
  readonly priced?: PricedModel | undefined;
  readonly serviceTier?: string;
  readonly providersCost?: bigint;
  readonly failedCosts?: readonly bigint[];
  readonly held?: bigint | undefined;
}

function live({ priced = PRICED, serviceTier, providersCost, failedCosts = [], held }: Situation): LiveCall {
  const attempts = failedCosts.map((costNanoUsd): AttemptRecord => {
    return { provider: 'p', model: 'm', startedMs: 0, durationMs: 1, outcome: 'upstream_protocol', costNanoUsd };
  });
  const reading = { usage: USAGE, costNanoUsd: providersCost, serviceTier, generatedText: () => '' };
  return { target: { priced }, reading, attempts, hold: { heldCostNanoUsd: held } } as unknown as LiveCall;
}

describe('chargeFor', () => {
  it('charges by the tier and the service tier, and says which', () => {
    const charge = { failedCostNanoUsd: 0n, tierAbove: undefined, serviceTier: undefined, isTierUnpriced: false, isProviders: false };

    expect(chargeFor(live({}), { usage: USAGE }, billing)).toEqual({ ...charge, costNanoUsd: 20n });
    expect(chargeFor(live({ serviceTier: 'flex' }), { usage: USAGE }, billing)).toEqual({
      ...charge,
      costNanoUsd: 10n,
      serviceTier: 'flex',
    });
    expect(chargeFor(live({}), { usage: { ...USAGE, input: 101 } }, billing)).toEqual({ ...charge, costNanoUsd: 333n, tierAbove: 100 });
  });

  it('says where a service tier has no price, unless nothing was charged by it', () => {
    const unpriced = (situation: Situation, used: { costNanoUsd?: bigint } = {}, costSource = billing.costSource): boolean =>
      chargeFor(live({ serviceTier: 'scale', ...situation }), { usage: USAGE, ...used }, { ...billing, costSource }).isTierUnpriced;

    expect(unpriced({})).toBe(true);
    expect(unpriced({ serviceTier: 'flex' })).toBe(false);
    expect(unpriced({ priced: { ...PRICED, price: FREE } })).toBe(false);
    expect(unpriced({}, { costNanoUsd: 7n })).toBe(false);
    expect(unpriced({ providersCost: 7n }, {}, 'provider')).toBe(false);
  });

  it("takes the provider's own figure only where it is to be preferred, and then before all others", () => {
    const cost = (costSource: 'computed' | 'provider', used: object = {}): bigint =>
      chargeFor(live({ providersCost: 7n }), { usage: USAGE, ...used }, { ...billing, costSource }).costNanoUsd;

    expect([cost('computed'), cost('provider')]).toEqual([20n, 7n]);
    expect([cost('computed', { costNanoUsd: 99n }), cost('provider', { costNanoUsd: 99n })]).toEqual([99n, 7n]);
  });

  it('leaves what failed attempts cost with whoever runs the gateway, unless tenants pay for it', () => {
    const call = live({ failedCosts: [3n, 4n] });

    expect(chargeFor(call, { usage: USAGE }, billing)).toMatchObject({ costNanoUsd: 20n, failedCostNanoUsd: 7n });
    expect(chargeFor(call, { usage: USAGE }, { ...billing, billFailedAttempts: 'tenant' })).toMatchObject({
      costNanoUsd: 27n,
      failedCostNanoUsd: 7n,
    });
  });

  it('never makes a call dearer than what is held for it by what attempts cost that failed', () => {
    const amount = fc.bigInt({ min: 0n, max: 1_000n });
    fc.assert(
      fc.property(fc.array(amount, { maxLength: 4 }), amount, amount, (failedCosts, own, held) => {
        const tenant = { ...billing, billFailedAttempts: 'tenant' } as const;
        const { costNanoUsd, failedCostNanoUsd } = chargeFor(live({ failedCosts, held }), { usage: USAGE, costNanoUsd: own }, tenant);
        const all = own + failedCosts.reduce((sum, cost) => sum + cost, 0n);

        expect(failedCostNanoUsd).toBe(all - own);
        // What the answer itself cost is charged in any case.
        expect(costNanoUsd).toBe(all <= held ? all : held > own ? held : own);
      }),
    );
  });
});

describe('usedInVain', () => {
  const reading = { usage: USAGE, costNanoUsd: 7n, serviceTier: 'flex', generatedText: () => '' };

  it('is what was reported, priced as an answer would be', () => {
    expect(usedInVain(reading, PRICED, billing)).toEqual({ usage: USAGE, costNanoUsd: 10n, priceId: 'abc', serviceTier: 'flex' });
    expect(usedInVain(reading, PRICED, { ...billing, costSource: 'provider' }).costNanoUsd).toBe(7n);
  });

  it('has no cost without a price, and is nothing without a report', () => {
    expect(usedInVain(reading, undefined, billing)).toEqual({ usage: USAGE, serviceTier: 'flex' });
    expect(usedInVain({ ...reading, usage: undefined }, PRICED, billing)).toEqual({});
    expect(usedInVain(undefined, PRICED, billing)).toEqual({});
  });
});
