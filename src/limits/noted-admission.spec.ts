import { describe, expect, it } from '@jest/globals';
import type { Call } from '../core/call.js';
import { type Settled, Settlement } from '../core/settlement.js';
import { NO_USAGE } from '../core/usage.js';
import type { AdmissionRequest } from './admission.js';
import type { Bound } from './bounds.js';
import { LocalAdmission } from './local-admission.js';
import { NotedAdmission } from './noted-admission.js';

const COMMON = { scope: 'key', subject: 'k' } as const;
const BUDGET: Bound = {
  ...COMMON,
  kind: 'budget',
  counter: 'b',
  budgetId: 'b',
  ref: 'b@0',
  limitNanoUsd: 100n,
  startsAt: 0,
  endsAt: Infinity,
};
const TOKENS: Bound = { ...COMMON, kind: 'tokens', counter: 'tokens', limit: 1_000, windowMs: 60_000 };
const CALLS: Bound = { ...COMMON, kind: 'calls', counter: 'calls', limit: 1 };

const CALLER = { keyId: 'k', keyName: 'k', role: 'client', tenant: 'k' } as const;
const PAYER = { caller: CALLER, userId: undefined, user: undefined };

function start(bounds: readonly Bound[], notes: { mayBeNoted: boolean; waits: boolean } = { mayBeNoted: true, waits: false }) {
  const clock = { now: () => 0, elapsed: () => 0 };
  const intents = {
    note: () => Promise.resolve(notes.mayBeNoted),
    replace: () => notes.waits,
    correct: () => undefined,
    done: () => undefined,
    close: () => Promise.resolve(),
  };
  const admission = new NotedAdmission(new LocalAdmission(() => bounds, clock), intents, 'owner');
  let made = 0;
  const admit = (costNanoUsd: bigint): ReturnType<NotedAdmission['admit']> => {
    made += 1;
    const call = { callId: `call-${made}`, caller: CALLER } as Call;
    const worst = { tokens: 900, costNanoUsd, leastCostNanoUsd: costNanoUsd };
    const request: AdmissionRequest = { ...PAYER, call, memo: () => '', worstCase: () => worst };
    return admission.admit(request);
  };
  const used = async (): Promise<bigint[]> => (await admission.look(PAYER)).map((reading) => reading.used);
  return { admission, admit, used };
}

function settled(costNanoUsd: bigint): Settlement {
  const settlement = new Settlement();
  settlement.settle({ record: { usage: { ...NO_USAGE, output: 40 }, costNanoUsd } as Settled['record'], line: '' });
  return settlement;
}

describe('NotedAdmission', () => {
  it('gives everything back at once but money, and that when the row is stored', async () => {
    const { admission, admit, used } = start([BUDGET, TOKENS, CALLS]);
    const hold = await admit(90n);
    expect(await used()).toEqual([90n, 900n, 1n]);

    admission.settle(hold, settled(10n));
    expect(await used()).toEqual([90n, 40n, 0n]);
    admission.confirm(hold);

    expect(await used()).toEqual([10n, 40n, 0n]);
    await admission.onApplicationShutdown();
  });

  it('has a call wait for money that is about to be free', async () => {
    const { admission, admit } = start([BUDGET]);
    const hold = await admit(90n);
    admission.settle(hold, settled(10n));
    const next = admit(90n);

    admission.confirm(hold);

    expect((await next).heldCostNanoUsd).toBe(90n);
    await admission.onApplicationShutdown();
  });

  it('refuses at once what no money that is about to be free would help', async () => {
    const { admit } = start([BUDGET]);
    await admit(90n);

    expect(() => admit(90n)).toThrow('has US$0.00000009');
  });

  it.each([
    ['went out without a note', { mayBeNoted: false, waits: false }],
    ['will be noted as what it was', { mayBeNoted: true, waits: true }],
  ])('gives money back at once for a call that %s', async (_, notes) => {
    const { admission, admit, used } = start([BUDGET], notes);

    admission.settle(await admit(90n), settled(10n));

    expect(await used()).toEqual([10n]);
  });

  it('gives no money back that was really spent', async () => {
    const { admission, admit, used } = start([BUDGET]);

    admission.settle(await admit(90n), settled(95n));

    expect(await used()).toEqual([95n]);
  });
});
