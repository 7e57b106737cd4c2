import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import fc from 'fast-check';
import { getEventListeners } from 'node:events';
import { GatewayError } from '../../core/errors.js';
import { Bulkhead, MAX_WAIT_MS } from './bulkhead.js';

const never = () => new AbortController().signal;

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

const pass = (ms: number) => jest.advanceTimersByTimeAsync(ms);

describe('Bulkhead', () => {
  it('lets everybody in at once without a limit, and asks for no signal', () => {
    const bulkhead = new Bulkhead('openai', 0);

    for (let call = 0; call < 1_000; call += 1) expect(bulkhead.enter(noSignal)).toBeUndefined();

    expect(bulkhead.inFlight).toBe(1_000);
  });

  it('lets in as many as there are places, the others as places come free, first come, first served', async () => {
    const bulkhead = new Bulkhead('openai', 2);
    expect([bulkhead.enter(noSignal), bulkhead.enter(noSignal)]).toEqual([undefined, undefined]);
    const admitted: string[] = [];
    for (const name of ['a', 'b', 'c']) void bulkhead.enter(never)!.then(() => admitted.push(name));
    await pass(0);
    expect([admitted, bulkhead.inFlight, bulkhead.waiting]).toEqual([[], 2, 3]);

    bulkhead.leave();
    await pass(0);
    expect(admitted).toEqual(['a']);
    bulkhead.leave();
    bulkhead.leave();
    await pass(0);

    expect([admitted, bulkhead.inFlight, bulkhead.waiting]).toEqual([['a', 'b', 'c'], 2, 0]);
  });

  it('tells who has waited too long which limit of which provider it was, and when to come again', async () => {
    const bulkhead = new Bulkhead('openai', 1);
    void bulkhead.enter(noSignal);
    const refused = bulkhead.enter(never)!.catch((error: unknown) => error);
    await pass(MAX_WAIT_MS - 1);
    expect(bulkhead.waiting).toBe(1);

    await pass(1);

    const error = (await refused) as GatewayError;
    expect(error).toBeInstanceOf(GatewayError);
    expect(error).toMatchObject({ kind: 'upstream_unavailable', details: { retryAfterMs: 1_000 } });
    expect(error.message).toBe('The provider openai is busy: its limit of 1 call at a time is reached. Try again in a second.');
    expect(bulkhead.waiting).toBe(0);
  });

  it('lets nobody wait for longer than its call has', async () => {
    const bulkhead = new Bulkhead('openai', 1);
    void bulkhead.enter(noSignal);
    const refused = bulkhead.enter(never, () => 100)!.catch((error: unknown) => error);
    await pass(99);
    expect(bulkhead.waiting).toBe(1);

    await pass(1);

    expect(await refused).toMatchObject({ kind: 'upstream_unavailable' });
    expect(bulkhead.waiting).toBe(0);
  });

  it('refuses at once when the queue is as long as there are places', async () => {
    const bulkhead = new Bulkhead('openai', 20);
    for (let call = 0; call < 20; call += 1) void bulkhead.enter(noSignal);
    const waiting = Array.from({ length: 20 }, () => bulkhead.enter(never)!);

    await expect(bulkhead.enter(never)).rejects.toMatchObject({
      kind: 'upstream_unavailable',
      message: expect.stringContaining('20 calls'),
    });

    for (let call = 0; call < 20; call += 1) bulkhead.leave();
    await expect(Promise.all(waiting)).resolves.toHaveLength(20);
  });

  it('lets go at once of a call that is given up, and of its signal', async () => {
    const bulkhead = new Bulkhead('openai', 1);
    void bulkhead.enter(noSignal);
    const call = new AbortController();
    const gone = new Error('gone');
    const first = bulkhead.enter(() => call.signal)!;
    const second = bulkhead.enter(never)!;

    call.abort(gone);
    await expect(first).rejects.toBe(gone);
    expect(bulkhead.waiting).toBe(1);
    bulkhead.leave();
    await second;

    expect([bulkhead.inFlight, jest.getTimerCount(), getEventListeners(call.signal, 'abort').length]).toEqual([1, 0, 0]);
  });

  it('leaves no listener on the signal of a call that was let in', async () => {
    const bulkhead = new Bulkhead('openai', 1);
    void bulkhead.enter(noSignal);
    const { signal } = new AbortController();
    const waiting = bulkhead.enter(() => signal)!;
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);

    bulkhead.leave();
    await waiting;

    expect([getEventListeners(signal, 'abort').length, jest.getTimerCount()]).toEqual([0, 0]);
  });

  it('does not queue a call that was given up before', async () => {
    const bulkhead = new Bulkhead('openai', 1);
    void bulkhead.enter(noSignal);
    const gone = new Error('gone');

    await expect(bulkhead.enter(() => AbortSignal.abort(gone))).rejects.toBe(gone);

    expect(bulkhead.waiting).toBe(0);
  });

  it('lets those in who wait when the limit rises or goes, and keeps those who are in when it falls', async () => {
    const bulkhead = new Bulkhead('openai', 1);
    void bulkhead.enter(noSignal);
    const waiting = Array.from({ length: 4 }, () => bulkhead.enter(never)!);

    bulkhead.reconfigure(3);
    await Promise.all(waiting.slice(0, 2));
    expect([bulkhead.inFlight, bulkhead.waiting]).toEqual([3, 2]);
    bulkhead.reconfigure(2);
    bulkhead.leave();
    expect([bulkhead.inFlight, bulkhead.waiting]).toEqual([2, 2]);
    bulkhead.reconfigure(0);
    await Promise.all(waiting);

    expect([bulkhead.inFlight, bulkhead.waiting]).toEqual([4, 0]);
  });
});

type Step =
  { readonly do: 'enter' | 'leave' } | { readonly do: 'abandon'; readonly which: number } | { readonly do: 'pass'; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Step>({ do: 'enter' }) },
  { weight: 4, arbitrary: fc.constant<Step>({ do: 'leave' }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('abandon' as const), which: fc.nat() }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.nat(MAX_WAIT_MS) }) },
);

describe('Bulkhead under any sequence of calls', () => {
  it('is never above its limit, serves in order, and loses nobody', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 80, size: 'max' }), async (limit, steps) => {
        const bulkhead = new Bulkhead('openai', limit);
        const calls: Call[] = [];
        for (const next of steps) {
          await take(next, bulkhead, calls);
          const inFlight = calls.filter(({ state }) => state === 'in').length;
          const waiting = calls.filter(({ state }) => state === 'waiting').length;
          expect([bulkhead.inFlight, bulkhead.waiting]).toEqual([inFlight, waiting]);
          expect(inFlight).toBeLessThanOrEqual(limit);
          if (waiting > 0) expect(inFlight).toBe(limit);
          // Nobody was let in who came after one who still waits.
          const firstWaiting = calls.findIndex(({ state }) => state === 'waiting');
          if (firstWaiting >= 0) expect(calls.slice(firstWaiting).every(({ state }) => state !== 'in' && state !== 'out')).toBe(true);
        }
        while (calls.some(({ state }) => state === 'in')) await take({ do: 'leave' }, bulkhead, calls);
        expect(calls.every(({ state }) => state === 'out' || state === 'refused' || state === 'abandoned')).toBe(true);
        expect([bulkhead.inFlight, jest.getTimerCount()]).toEqual([0, 0]);
      }),
      { numRuns: 100 },
    );
  });
});

interface Call {
  readonly abort: AbortController;
  state: 'waiting' | 'in' | 'out' | 'refused' | 'abandoned';
}

async function take(next: Step, bulkhead: Bulkhead, calls: Call[]): Promise<void> {
  if (next.do === 'enter') {
    const call: Call = { abort: new AbortController(), state: 'waiting' };
    calls.push(call);
    const place = bulkhead.enter(() => call.abort.signal);
    if (!place) call.state = 'in';
    place?.then(
      () => (call.state = 'in'),
      (error: unknown) => (call.state = error instanceof GatewayError ? 'refused' : 'abandoned'),
    );
  } else if (next.do === 'leave') {
    const call = calls.find(({ state }) => state === 'in');
    if (call) {
      call.state = 'out';
      bulkhead.leave();
    }
  } else if (next.do === 'abandon') {
    calls
      .filter(({ state }) => state === 'waiting')
      .at(next.which % Math.max(1, bulkhead.waiting))
      ?.abort.abort(new Error('gone'));
  }
  await pass(next.do === 'pass' ? next.ms : 0);
}

function noSignal(): never {
  throw new Error('nobody waits here');
}
