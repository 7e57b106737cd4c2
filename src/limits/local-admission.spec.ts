import { describe, expect, it } from '@jest/globals';
import type { Call } from '../core/call.js';
import { GatewayError } from '../core/errors.js';
import { type Settled, Settlement } from '../core/settlement.js';
import { NO_USAGE } from '../core/usage.js';
import type { AdmissionRequest, Hold, WorstCase } from './admission.js';
import type { Bound, CallsBound, PeriodBudget, RateBound, RollingBudget } from './bounds.js';
import { LocalAdmission } from './local-admission.js';

const MINUTE_MS = 60_000;
const COMMON = { scope: 'key', subject: 'k' } as const;

describe('LocalAdmission', () => {
  it('tells how much of the tightest rate is left', () => {
    const { admit } = admissionUnder([requests(60), requests(1_000, 60 * MINUTE_MS)]);

    admit();

    expect(admit().requests).toEqual({ limit: 60, remaining: 58, resetMs: 60_000 });
  });

  it('refuses past the limit, naming it and when it resets', () => {
    const { admit, clock } = admissionUnder([requests(2)]);
    admit();
    clock.ms += 50_000;
    admit();

    const refusal = refusalOf(admit);

    expect(refusal.kind).toBe('rate_limited');
    expect(refusal.message).toBe('This key has reached its limit of 2 requests per minute. Try again in 10 s.');
    expect(refusal.details.retryAfterMs).toBe(10_000);
  });

  it('holds nothing where nothing limits', () => {
    const { admission, admit, asked } = admissionUnder([]);

    for (let call = 0; call < 5_000; call += 1) admit();

    expect(admit()).toMatchObject({ requests: undefined, tokens: undefined, heldCostNanoUsd: undefined, budgets: [] });
    expect(admission.size).toBe(0);
    expect(asked).toEqual([]);
  });

  it('admits no more calls at once than it may, and gives a place back once', () => {
    const { admission, admit } = admissionUnder([calls(2)]);
    const first = admit();
    admit();
    expect(refusalOf(admit).message).toContain('2 calls at the same time');

    admission.settle(first, settlementOf(0));
    admission.settle(first, settlementOf(0));

    admit();
    expect(refusalOf(admit).kind).toBe('rate_limited');
  });

  it('gives a place back at once, and the tokens when it is known what was used', () => {
    const { admission, admit } = admissionUnder([calls(1), tokens(1_000)]);
    const settlement = new Settlement();
    const first = admit({ tokens: 900 });
    expect(first.tokens).toMatchObject({ limit: 1_000, remaining: 100 });

    admission.settle(first, settlement);

    expect(refusalOf(() => admit({ tokens: 110 })).message).toBe(
      'This key has used 900 of its 1000 tokens per minute, and this call may take up to 110. Try again in 1 min.',
    );
    settlement.settle(settledWith(40));
    expect(admit({ tokens: 110 }).tokens).toMatchObject({ remaining: 850 });
  });

  it('asks for the worst case only where tokens or money are limited, and never for a memo', () => {
    const { admit, asked, bounds } = admissionUnder([requests(10), calls(10)]);
    admit();
    expect(asked).toEqual([]);

    bounds.push(tokens(1_000));
    admit();
    bounds.push(budget(10n));
    admit();

    expect(asked).toEqual(['worst case', 'worst case under a budget']);
  });

  it('says what was held of a call that had to be cut, and to which budgets it is charged', () => {
    const { admit } = admissionUnder([budget(100n), rolling(80n)]);

    expect(admit({ costNanoUsd: 30n })).toMatchObject({ heldCostNanoUsd: 30n, budgets: ['b-1@0', 'b-2@0'] });
    expect(admit({ costNanoUsd: 90n, leastCostNanoUsd: 10n }).heldCostNanoUsd).toBe(50n);
    expect(refusalOf(() => admit({ costNanoUsd: 1n })).kind).toBe('budget_exhausted');
  });

  it('says nothing of money where no budget binds', () => {
    const { admit } = admissionUnder([tokens(1_000)]);

    expect(admit({ costNanoUsd: 30n })).toMatchObject({ heldCostNanoUsd: undefined, budgets: [] });
  });

  it('asks again with the bounds of the time that it is', () => {
    const { clock, admissionOf } = admissionUnder([]);
    clock.ms = 250;
    const askedAt: number[] = [];
    const { admit } = admissionOf((nowMs) => {
      askedAt.push(nowMs);
      return [budget(100n, askedAt.length === 1 ? 0 : 200, 100)];
    });

    expect(admit({ costNanoUsd: 5n }).budgets).toEqual(['b-1@200']);
    expect(askedAt).toEqual([250, 250]);
  });

  it('gives up on bounds that are never those of the time', () => {
    const { admissionOf } = admissionUnder([]);
    let asked = 0;
    const { admit } = admissionOf(() => {
      asked += 1;
      return [budget(100n, 900_000, 100)];
    });

    expect(refusalOf(admit).kind).toBe('service_unavailable');
    expect(asked).toBe(3);
  });

  it('begins a budget with what was spent before, once', async () => {
    const { admission, admit, payer, clock } = admissionUnder([budget(100n), rolling(100n)]);
    clock.ms = 5_000;
    for (let times = 0; times < 2; times += 1) {
      admission.seed(budget(0n), [{ elapsedMs: -1_000, costNanoUsd: 40n }]);
      admission.seed(rolling(0n), [
        { elapsedMs: -56_000, costNanoUsd: 7n },
        { elapsedMs: -1_000, costNanoUsd: 30n },
        { elapsedMs: -31_000, costNanoUsd: 20n },
      ]);
    }

    expect((await admission.look(payer)).map(({ used, resetMs }) => [used, resetMs])).toEqual([
      [40n, Infinity],
      [50n, 24_000],
    ]);
    expect(refusalOf(() => admit({ costNanoUsd: 61n })).message).toContain('US$0.00000004 of US$0.0000001');
    admit({ costNanoUsd: 50n });
    clock.ms = 29_000;
    expect((await admission.look(payer)).map(({ used }) => used)).toEqual([90n, 80n]);
  });

  it('begins a budget with what was spent before also when calls came first', async () => {
    const { admission, admit, payer, clock } = admissionUnder([rolling(100n)]);
    clock.ms = 1_000;
    const hold = admit({ costNanoUsd: 30n });
    admission.seed(rolling(0n), [
      { elapsedMs: 1_500, costNanoUsd: 7n },
      { elapsedMs: -9_000, costNanoUsd: 5n },
    ]);
    admission.settle(hold, settlementOf(0, 20n));

    expect((await admission.look(payer))[0]).toMatchObject({ used: 32n, resetMs: 50_000 });
    clock.ms = 51_000;
    expect((await admission.look(payer))[0]).toMatchObject({ used: 27n, resetMs: 10_000 });
    clock.ms = 61_000;
    expect((await admission.look(payer))[0]).toMatchObject({ used: 7n, resetMs: 500 });
  });

  it('shows every limit as it stands', async () => {
    const { admission, admit, payer } = admissionUnder([requests(60), calls(5), { ...budget(100n, 0, 500_000), scope: 'team' }]);
    admission.settle(admit({ costNanoUsd: 40n }), settlementOf(0, 15n));
    admit({ costNanoUsd: 7n });

    expect(await admission.look(payer)).toEqual([
      reading({ kind: 'requests', limit: 60n, used: 2n, windowMs: MINUTE_MS, resetMs: MINUTE_MS }),
      reading({ kind: 'calls', limit: 5n, used: 1n }),
      reading({ kind: 'budget', scope: 'team', limit: 100n, used: 22n, held: 7n, resetMs: 500_000, budgetId: 'b-1' }),
    ]);
  });

  it('inherits nothing', async () => {
    const { admission, admit, clock } = admissionUnder([budget(100n)]);
    admission.settle(admit({ costNanoUsd: 5n }), settlementOf(0));
    admit({ costNanoUsd: 5n });
    clock.ms = 24 * 60 * MINUTE_MS;

    expect(await admission.inherit()).toEqual({ holds: [], events: [] });
  });

  it('forgets counters that have gone quiet', () => {
    const { admission, admissionOf, clock } = admissionUnder([]);
    let key = 0;
    const others = admissionOf(() => [{ ...requests(60), counter: `requests:${(key += 1)}` }], admission);
    for (let call = 0; call < 1_000; call += 1) admission.settle(others.admit(), settlementOf(0));

    clock.ms = 120_000;
    const { admit } = admissionOf(() => [requests(60)], admission);
    for (let call = 0; call < 3_000; call += 1) {
      clock.ms += 1_100;
      admission.settle(admit(), settlementOf(0));
    }

    expect(admission.size).toBe(1);
  });
});

describe('LocalAdmission within given bounds', () => {
  it('limits by these and no others', () => {
    const { admission, requestOf } = admissionUnder([requests(1)]);

    for (let call = 0; call < 2; call += 1) admission.admitWithin([requests(2)], requestOf());

    expect(refusalOf(() => admission.admitWithin([requests(2)], requestOf())).message).toContain('2 requests');
  });

  it('charges the row to budgets that nobody checks', () => {
    const { admission, requestOf, asked } = admissionUnder([]);

    for (const bounds of [[], [requests(2)]]) {
      expect(admission.admitWithin(bounds, requestOf(), [requests(2), budget(0n)])).toMatchObject({
        heldCostNanoUsd: undefined,
        budgets: ['b-1@0'],
      });
    }

    expect(asked).toEqual([]);
  });
});

function requests(limit: number, windowMs = MINUTE_MS): RateBound {
  return { kind: 'requests', ...COMMON, counter: `requests:${windowMs}`, limit, windowMs };
}

function tokens(limit: number): RateBound {
  return { kind: 'tokens', ...COMMON, counter: 'tokens', limit, windowMs: MINUTE_MS };
}

function calls(limit: number): CallsBound {
  return { kind: 'calls', ...COMMON, counter: 'calls', limit };
}

function budget(limitNanoUsd: bigint, startsAt = 0, lengthMs = Infinity): PeriodBudget {
  const named = { counter: `budget:${startsAt}`, budgetId: 'b-1', ref: `b-1@${startsAt}` };
  return { kind: 'budget', ...COMMON, ...named, limitNanoUsd, startsAt, endsAt: startsAt + lengthMs };
}

function rolling(limitNanoUsd: bigint): RollingBudget {
  return { kind: 'rolling', ...COMMON, counter: 'cost', budgetId: 'b-2', ref: 'b-2@0', limitNanoUsd, windowMs: MINUTE_MS };
}

function reading(changes: object): object {
  const none = { held: 0n, windowMs: undefined, resetMs: undefined, budgetId: undefined };
  return { ...COMMON, ...none, ...changes };
}

function admissionUnder(first: readonly Bound[]) {
  const bounds = [...first];
  const clock = { ms: 0, now: () => clock.ms, elapsed: () => clock.ms };
  const asked: string[] = [];
  const payer = { caller: { keyId: 'k', keyName: 'k', role: 'client', tenant: 'k' } as const, userId: undefined, user: undefined };
  let made = 0;
  const requestOf = (worst: Partial<WorstCase> = {}): AdmissionRequest => ({
    ...payer,
    call: { callId: `call-${(made += 1)}`, caller: payer.caller } as Call,
    memo: () => `${asked.push('memo')}`,
    worstCase: (isBudgeted) => {
      asked.push(isBudgeted ? 'worst case under a budget' : 'worst case');
      return { tokens: 0, costNanoUsd: 0n, leastCostNanoUsd: worst.costNanoUsd ?? 0n, ...worst };
    },
  });
  const admissionOf = (of: (nowMs: number) => readonly Bound[], shared?: LocalAdmission) => {
    const admission = shared ?? new LocalAdmission((_payer, nowMs) => of(nowMs), clock);
    const admit = (worst?: Partial<WorstCase>): Hold =>
      shared ? shared.admitWithin(of(clock.ms), requestOf(worst)) : admission.admit(requestOf(worst));
    return { admission, admit };
  };
  return { ...admissionOf(() => [...bounds]), admissionOf, clock, asked, payer, requestOf, bounds };
}

function settledWith(output: number, costNanoUsd = 0n): Settled {
  return { record: { usage: { ...NO_USAGE, output }, costNanoUsd } as Settled['record'], line: '' };
}

function settlementOf(output: number, costNanoUsd = 0n): Settlement {
  const settlement = new Settlement();
  settlement.settle(settledWith(output, costNanoUsd));
  return settlement;
}

function refusalOf(admit: () => Hold): GatewayError {
  try {
    admit();
  } catch (error) {
    if (error instanceof GatewayError) return error;
  }
  throw new Error('expected a refusal');
}
