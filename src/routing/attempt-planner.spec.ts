import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { fakeTarget, seededRandom } from '../../test/support/fake-target.js';
import { type ErrorDetails, type ErrorKind, GatewayError } from '../core/errors.js';
import type { Plan, Target } from '../core/target.js';
import { AttemptPlanner, type AttemptStep, type CallBounds, type FailedAttempt, soonestRetryMs } from './attempt-planner.js';

const RETRY = { maxAttempts: 3, baseMs: 200, maxMs: 5_000 };
const AT_EASE: CallBounds = { remainingMs: 600_000, isAccountPinned: false };

const planOf = (targets: readonly Target[], more: Partial<Plan> = {}): Plan => ({
  targets,
  onContextOverflow: [],
  onContentPolicy: [],
  ...more,
});
const failed = (target: Target, kind: ErrorKind = 'upstream_unavailable', details: ErrorDetails = {}): FailedAttempt => ({
  target,
  failure: new GatewayError(kind, 'It failed.', details),
  wasSent: true,
});
const turnedAway = (target: Target): FailedAttempt => ({ ...failed(target), wasSent: false });

/** With a random number of 1 - ε each pause is as long as it may be. */
function next(plan: Plan, before: readonly FailedAttempt[], told: Partial<typeof RETRY & CallBounds & { random: number }> = {}) {
  const { remainingMs, isAccountPinned, random = 0.999_999, ...retry } = { ...AT_EASE, ...told };
  return new AttemptPlanner({ retry: { ...RETRY, ...retry } }, () => random).next(plan, before, { remainingMs, isAccountPinned });
}

const at = (target: Target, delayMs = 0): AttemptStep => ({ target, delayMs, isRepeat: false });
const again = (target: Target, delayMs = 0): AttemptStep => ({ target, delayMs, isRepeat: true });

describe('AttemptPlanner', () => {
  const [a, b, c] = [fakeTarget('a'), fakeTarget('b'), fakeTarget('c')];

  it('begins with the first target whose breaker is not open', () => {
    expect(next(planOf([a, b]), [])).toEqual(at(a));
    expect(
      next(planOf([fakeTarget({ provider: 'down', state: 'open' }), fakeTarget({ provider: 'well', state: 'half_open' })]), []),
    ).toMatchObject({ target: { provider: { name: 'well' } } });
  });

  it('asks nobody while every breaker is open, and says when the first may be tried', () => {
    const targets = [1_500, 700, 9_000].map((retryInMs, index) => fakeTarget({ provider: `${index}`, state: 'open', retryInMs }));

    expect(next(planOf(targets), [])).toBeUndefined();
    expect(soonestRetryMs(targets)).toBe(700);
  });

  it('has nothing to begin with when there is no time left', () => {
    expect(next(planOf([a]), [], { remainingMs: 0 })).toBeUndefined();
  });

  it.each<ErrorKind>(['upstream_unavailable', 'upstream_timeout', 'upstream_protocol', 'upstream_rate_limited', 'unsupported_parameter'])(
    'goes on to the next target at once after %s',
    (kind) => {
      expect(next(planOf([a, b, c]), [failed(a, kind)])).toEqual(at(b));
      expect(next(planOf([a, b, c]), [failed(a, kind), failed(b, kind)])).toEqual(at(c));
    },
  );

  it.each<ErrorKind>([
    'invalid_request',
    'upstream_rejected',
    'client_closed',
    'internal',
    'not_found',
    'context_length_exceeded',
    'content_policy',
  ])('gives up after %s, which every target would answer, if the plan has no place for it', (kind) => {
    expect(next(planOf([a, b]), [failed(a, kind)])).toBeUndefined();
  });

  it('passes by targets whose breaker is open, and those that stand in the plan twice', () => {
    const open = fakeTarget({ provider: 'open', state: 'open' });

    expect(next(planOf([a, open, fakeTarget('a'), c]), [failed(a)])).toEqual(at(c));
  });

  it('rather repeats a target than ask one whose breaker is open', () => {
    expect(next(planOf([a, fakeTarget({ provider: 'open', state: 'open' })]), [failed(a)])).toEqual(again(a, 200));
  });

  it('makes no more attempts than it may, over all targets', () => {
    const targets = ['a', 'b', 'c', 'd'].map(fakeTarget);
    const before = targets.slice(0, 3).map((target) => failed(target));

    expect(next(planOf(targets), before)).toBeUndefined();
    expect(next(planOf(targets), before, { maxAttempts: 4 })).toEqual(at(targets[3]!));
    expect(next(planOf(targets), before.slice(0, 1), { maxAttempts: 1 })).toBeUndefined();
  });

  it('does not count as attempts what was never sent', () => {
    const before = [{ ...failed(a, 'unsupported_parameter'), wasSent: false }, turnedAway(b)];

    expect(next(planOf([a, b, c]), before, { maxAttempts: 1 })).toEqual(at(c));
  });
});

describe('a prompt that was refused', () => {
  const [a, b, long, longer, lenient] = ['a', 'b', 'long', 'longer', 'lenient'].map((name) => fakeTarget(name)) as [
    Target,
    Target,
    Target,
    Target,
    Target,
  ];
  const plan = planOf([a, b], { onContextOverflow: [long, longer], onContentPolicy: [lenient] });
  const tooLong = (target: Target) => failed(target, 'context_length_exceeded');
  const refused = (target: Target) => failed(target, 'content_policy');

  it('goes where the plan says for its length or its content', () => {
    expect(next(plan, [tooLong(a)])).toEqual(at(long));
    expect(next(plan, [refused(a)])).toEqual(at(lenient));
    expect(next(plan, [failed(a), tooLong(b)])).toEqual(at(long));
  });

  it('goes on there by the same rules', () => {
    expect(next(plan, [tooLong(a), failed(long)])).toEqual(at(longer));
    expect(next(plan, [tooLong(a), tooLong(long)])).toEqual(at(longer));
    expect(next(plan, [tooLong(a), refused(long)])).toEqual(at(lenient));
    expect(next(plan, [refused(a), tooLong(lenient)])).toEqual(at(long));
    expect(next(plan, [tooLong(a), tooLong(long), tooLong(longer)], { maxAttempts: 9 })).toBeUndefined();
    expect(next(plan, [tooLong(a), failed(long)], { maxAttempts: 2 })).toBeUndefined();
  });

  it('is not sent where it has been', () => {
    const circle = planOf([a, b], { onContextOverflow: [fakeTarget('a'), b, long] });

    expect(next(circle, [tooLong(a)])).toEqual(at(b));
    expect(next(circle, [failed(a), tooLong(b)])).toEqual(at(long));
  });

  it('is repeated only at targets that may take it', () => {
    const { target } = next(plan, [failed(a), tooLong(b), failed(long), failed(longer)], { maxAttempts: 9 })!;

    expect([long, longer]).toContain(target);
    expect(next(plan, [tooLong(a), failed(long), tooLong(longer)], { maxAttempts: 9 })).toBeUndefined();
  });

  it('is not sent where the breaker is open', () => {
    const open = planOf([a], { onContextOverflow: [fakeTarget({ provider: 'long', state: 'open' })] });

    expect(next(open, [tooLong(a)])).toBeUndefined();
  });
});

describe('an account at fault', () => {
  const several = fakeTarget({ provider: 'several', awake: 2, repeats: 0 });
  const single = fakeTarget({ provider: 'single', awake: 0 });
  const other = fakeTarget('other');
  const atFault = (target: Target, account: 'refused' | 'exhausted' | 'limited', retryAfterMs?: number) => {
    const kind = account === 'refused' ? 'upstream_unavailable' : 'upstream_rate_limited';
    return failed(target, kind, { account, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
  };

  it.each(['refused', 'exhausted', 'limited'] as const)(
    'gives way to another one of the provider at once, whatever its budget: %s',
    (account) => {
      expect(next(planOf([several, other]), [atFault(several, account, 60_000)])).toEqual(again(several));
    },
  );

  it('leaves the last attempt to another target, if there is one', () => {
    const before = [atFault(several, 'refused'), atFault(several, 'refused')];

    expect(next(planOf([several, other]), before)).toEqual(at(other));
    expect(next(planOf([several]), before)).toEqual(again(several));
    expect(next(planOf([several]), [...before, atFault(several, 'refused')])).toBeUndefined();
  });

  it('has no substitute when all others rest, only this one will do, or the breaker is open', () => {
    const open = fakeTarget({ provider: 'open', awake: 2, state: 'open' });

    expect(next(planOf([single, other]), [atFault(single, 'limited')])).toEqual(at(other));
    expect(next(planOf([several, other]), [atFault(several, 'limited')], { isAccountPinned: true })).toEqual(at(other));
    expect(next(planOf([open, other]), [atFault(open, 'limited')])).toEqual(at(other));
  });

  it('is the only one: it is asked again after its limit, but not after it was refused or exhausted', () => {
    expect(next(planOf([single]), [atFault(single, 'limited', 1_000)])).toEqual(again(single, 1_000));
    expect(next(planOf([single]), [atFault(single, 'exhausted', 1_000)])).toBeUndefined();
    expect(next(planOf([single]), [atFault(single, 'refused')])).toBeUndefined();
  });

  it('is not suspected where the failure names none', () => {
    expect(next(planOf([several]), [failed(several)])).toBeUndefined();
  });
});

describe('a repeat', () => {
  const a = fakeTarget('a');

  it.each<[ErrorKind, boolean]>([
    ['upstream_unavailable', true],
    ['upstream_rate_limited', true],
    ['upstream_protocol', true],
    ['upstream_timeout', false],
    ['unsupported_parameter', false],
  ])('comes when no other target is left, if the failure may pass: %s', (kind, isRepeated) => {
    expect(next(planOf([a]), [failed(a, kind)])).toEqual(isRepeated ? again(a, 200) : undefined);
  });

  it('waits for a time by chance, of twice the length each time up to a limit', () => {
    const wait = (times: number, random: number) =>
      next(
        planOf([a]),
        Array.from({ length: times }, () => failed(a)),
        { maxAttempts: 99, random },
      )!.delayMs;

    expect([wait(1, 0), wait(1, 0.5), wait(1, 0.999_999)]).toEqual([0, 100, 200]);
    expect([wait(2, 0.5), wait(3, 0.5), wait(20, 0.5), wait(90, 0.999_999)]).toEqual([200, 400, 2_500, 5_000]);
  });

  it('waits as long as the provider asks for, unless that is longer than our longest pause: then the caller is told', () => {
    expect(next(planOf([a]), [failed(a, 'upstream_rate_limited', { retryAfterMs: 5_000 })])).toEqual(again(a, 5_000));
    expect(next(planOf([a]), [failed(a, 'upstream_rate_limited', { retryAfterMs: 5_001 })])).toBeUndefined();
    expect(next(planOf([a]), [failed(a, 'upstream_rate_limited', { retryAfterMs: 50 })])).toEqual(again(a, 200));
  });

  it.each([
    [4_999, undefined],
    [5_000, 4_000],
    [Infinity, 4_000],
  ])('must fit the deadline, with time left to answer: %d ms left', (remainingMs, delayMs) => {
    const step = next(planOf([a]), [failed(a, 'upstream_rate_limited', { retryAfterMs: 4_000 })], { remainingMs });

    expect(step?.delayMs).toBe(delayMs);
  });

  it('leaves half of a short time to answer', () => {
    const after = (retryAfterMs: number) =>
      next(planOf([a]), [failed(a, 'upstream_unavailable', { retryAfterMs })], { remainingMs: 300, baseMs: 0 });

    expect(after(150)).toEqual(again(a, 150));
    expect(after(151)).toBeUndefined();
  });

  it('goes to the target that need be waited for the shortest', () => {
    const b = fakeTarget('b');
    const before = [failed(a, 'upstream_rate_limited', { retryAfterMs: 3_000 }), failed(b, 'upstream_unavailable')];

    expect(next(planOf([a, b]), before)).toEqual(again(b, 200));
  });

  it('needs a place in the budget of its provider; another provider may have one', () => {
    const spent = fakeTarget({ provider: 'spent', repeats: 0 });
    const b = fakeTarget('b');
    const before = [failed(spent), failed(b, 'upstream_unavailable', { retryAfterMs: 900 })];

    expect(next(planOf([spent]), [failed(spent)])).toBeUndefined();
    expect(next(planOf([spent, b]), before)).toEqual(again(b, 900));
  });

  it('takes from the budget only when it is made', () => {
    const one = fakeTarget({ provider: 'one', repeats: 1 });

    expect(next(planOf([one]), [failed(one, 'upstream_timeout')])).toBeUndefined();
    expect(next(planOf([one]), [failed(one, 'upstream_unavailable', { retryAfterMs: 4_500 })], { remainingMs: 5_000 })).toBeUndefined();
    expect(next(planOf([one, a]), [failed(one)])).toEqual(at(a));
    expect(next(planOf([one]), [failed(one)])).toEqual(again(one, 200));
    expect(next(planOf([one]), [failed(one)])).toBeUndefined();
  });

  it('does not come where the breaker opened meanwhile, or turned the call away', () => {
    const open = fakeTarget({ provider: 'open', state: 'open' });

    expect(next(planOf([open]), [failed(open)])).toBeUndefined();
    expect(next(planOf([a]), [turnedAway(a)])).toBeUndefined();
    expect(next(planOf([a]), [failed(a), turnedAway(a)])).toBeUndefined();
  });
});

describe('any call', () => {
  const KINDS: readonly ErrorKind[] = [
    'upstream_unavailable',
    'upstream_timeout',
    'upstream_protocol',
    'upstream_rate_limited',
    'unsupported_parameter',
    'context_length_exceeded',
    'content_policy',
    'upstream_rejected',
  ];
  const target = fc
    .record({
      provider: fc.constantFrom('a', 'b', 'c'),
      model: fc.constantFrom('m', 'n'),
      state: fc.constantFrom('closed', 'closed', 'half_open', 'open'),
      awake: fc.nat(2),
      repeats: fc.nat(3),
    })
    .map((state) => fakeTarget(state));
  const list = fc.array(target, { maxLength: 5 });
  const failure = fc.record({
    kind: fc.constantFrom(...KINDS),
    account: fc.constantFrom(undefined, undefined, 'refused', 'exhausted', 'limited'),
    retryAfterMs: fc.nat(10_000),
    wasSent: fc.boolean(),
  });

  it('ends within its attempts and its time, asks no open breaker, and no target twice unless to repeat it', () => {
    fc.assert(
      fc.property(
        fc.record({ targets: list, onContextOverflow: list, onContentPolicy: list }),
        fc.array(failure, { minLength: 40, maxLength: 40 }),
        fc.integer({ min: 1, max: 5 }),
        fc.integer({ min: 1, max: 1e6 }),
        (plan, failures, maxAttempts, seed) => {
          const planner = new AttemptPlanner({ retry: { ...RETRY, maxAttempts } }, seededRandom(seed));
          const before: FailedAttempt[] = [];
          let remainingMs = 30_000;
          for (const { kind, wasSent, ...details } of failures) {
            const step = planner.next(plan, before, { remainingMs, isAccountPinned: false });
            if (!step) break;
            const earlier = before.filter(
              ({ target: one }) => one.provider.name === step.target.provider.name && one.model === step.target.model,
            );
            expect(step.target.health.state).not.toBe('open');
            expect(step.isRepeat).toBe(earlier.length > 0);
            expect(step.isRepeat || step.delayMs === 0).toBe(true);
            expect(step.delayMs).toBeLessThan(remainingMs);
            remainingMs -= step.delayMs;
            before.push({ target: step.target, failure: new GatewayError(kind, 'It failed.', details), wasSent });
          }

          expect(before.filter(({ wasSent }) => wasSent).length).toBeLessThanOrEqual(maxAttempts);
          expect(before.length).toBeLessThan(failures.length);
        },
      ),
      { numRuns: 500 },
    );
  });
});
