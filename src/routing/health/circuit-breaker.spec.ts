import { describe, expect, it } from '@jest/globals';
import type { AttemptReport } from '../../core/target-health.js';
import { type BreakerSettings, CircuitBreaker } from './circuit-breaker.js';

const SETTINGS: BreakerSettings = {
  failureRatio: 0.5,
  minimumCalls: 10,
  windowMs: 2_000,
  consecutive: 5,
  openMs: 15_000,
  halfOpenCalls: 2,
  slowCallMs: 0,
};

const OK = { failure: undefined };
const DOWN = { failure: 'upstream_unavailable' } as const;

describe('CircuitBreaker, closed', () => {
  it('opens at failures in a row, and a success between them begins the row anew', () => {
    const { breaker, call } = setUp();
    for (let at = 0; at < 4; at += 1) call(DOWN);
    call(OK);
    for (let at = 0; at < 4; at += 1) call(DOWN);
    expect(breaker.state).toBe('closed');

    call(DOWN);

    expect(breaker.state).toBe('open');
    expect(breaker.tryAcquire()).toBe(false);
  });

  it('opens at a share of failures, once there are enough calls', () => {
    const { breaker, call } = setUp();
    for (let at = 0; at < 4; at += 1) [DOWN, OK].forEach((report) => call(report));
    call(DOWN);
    expect(breaker.state).toBe('closed');

    call(DOWN);

    expect(breaker.state).toBe('open');
  });

  it('forgets what lies further back than the window', () => {
    const { breaker, call, clock } = setUp();
    for (let at = 0; at < 4; at += 1) [DOWN, OK].forEach((report) => call(report));
    call(DOWN);
    clock.ms += 2_000;
    call(DOWN);
    expect(breaker.state).toBe('closed');

    for (let at = 0; at < 4; at += 1) [OK, DOWN].forEach((report) => call(report));
    call(DOWN);

    expect(breaker.state).toBe('open');
  });

  it.each(['upstream_unavailable', 'upstream_timeout', 'upstream_protocol'] as const)('takes %s for a failure', (failure) => {
    const { breaker, call } = setUp();

    for (let at = 0; at < 5; at += 1) call({ failure });

    expect(breaker.state).toBe('open');
  });

  it.each([
    ['a limited rate', { failure: 'upstream_rate_limited' }],
    ['a client that leaves', { failure: 'client_closed' }],
    ['trouble with an account', { failure: 'upstream_unavailable', ofAccount: true }],
  ] as const)('takes %s neither for a failure nor for a sign of life', (_, report) => {
    const { breaker, call } = setUp();
    for (let at = 0; at < 4; at += 1) call(DOWN);
    for (let at = 0; at < 20; at += 1) call(report);
    expect(breaker.state).toBe('closed');

    call(DOWN);

    expect(breaker.state).toBe('open');
  });

  it.each(['upstream_rejected', 'context_length_exceeded', 'content_policy'] as const)('takes %s for a sign of life', (failure) => {
    const { breaker, call } = setUp();
    for (let at = 0; at < 4; at += 1) call(DOWN);

    call({ failure });
    call(DOWN);

    expect(breaker.state).toBe('closed');
  });
});

describe('CircuitBreaker with slow streams', () => {
  it('takes a stream whose first event comes late for a failure, however it ends', () => {
    const { breaker, call } = setUp({ slowCallMs: 1_000 });
    for (let at = 0; at < 4; at += 1) call({ failure: undefined, stream: true, firstEventMs: 1_001, durationMs: 1_500 });
    expect(breaker.state).toBe('closed');

    call({ failure: 'client_closed', stream: true, durationMs: 1_001 });

    expect(breaker.state).toBe('open');
  });

  it('minds neither a stream that begins in time, nor one that was left early, nor a plain answer that takes long', () => {
    const { breaker, call } = setUp({ slowCallMs: 1_000 });

    for (let at = 0; at < 5; at += 1) {
      call({ failure: undefined, stream: true, firstEventMs: 1_000, durationMs: 60_000 });
      call({ failure: 'client_closed', stream: true, durationMs: 1_000 });
      call({ failure: undefined, stream: false, firstEventMs: 30_000, durationMs: 30_000 });
    }

    expect(breaker.state).toBe('closed');
  });

  it('minds none where nothing is slow', () => {
    const { breaker, call } = setUp({ slowCallMs: 0 });

    for (let at = 0; at < 5; at += 1) call({ failure: undefined, stream: true, firstEventMs: 60_000, durationMs: 60_000 });

    expect(breaker.state).toBe('closed');
  });
});

describe('CircuitBreaker, open and half open', () => {
  it('lets nobody through until its time is over, then as many as may try, and closes when they were answered', () => {
    const { breaker, call, clock, changes, open } = setUp();
    open();
    expect(breaker.retryInMs).toBe(15_000);
    clock.ms += 14_999;
    expect([breaker.tryAcquire(), breaker.state, breaker.retryInMs]).toEqual([false, 'open', 1]);

    clock.ms += 1;
    expect([breaker.state, breaker.retryInMs]).toEqual(['half_open', 0]);
    expect([1, 2, 3].map(() => breaker.tryAcquire())).toEqual([true, true, false]);
    breaker.report(reportOf(OK));
    expect(breaker.state).toBe('half_open');
    breaker.report(reportOf(OK));

    expect(breaker.state).toBe('closed');
    for (let at = 0; at < 4; at += 1) call(DOWN);
    expect(breaker.state).toBe('closed');
    expect(changes).toEqual([
      ['open', 'failures'],
      ['half_open', 'waited'],
      ['closed', 'probes'],
    ]);
  });

  it('opens again for its whole time at the first failure', () => {
    const { breaker, call, clock, changes, open } = setUp();
    open();
    clock.ms += 15_000;
    call(OK);

    call(DOWN);

    expect(breaker.retryInMs).toBe(15_000);
    expect(changes.at(-1)).toEqual(['open', 'probe']);
  });

  it('gives the place of a call that says nothing to another', () => {
    const { breaker, call, clock, open } = setUp();
    open();
    clock.ms += 15_000;

    for (let at = 0; at < 10; at += 1) call({ failure: 'client_closed' });

    expect(breaker.state).toBe('half_open');
    expect([1, 2, 3].map(() => breaker.tryAcquire())).toEqual([true, true, false]);
  });

  it('gives the places of calls that never report to others after a time, and still believes them when they do', () => {
    const { breaker, clock, open } = setUp();
    open();
    clock.ms += 15_000;
    breaker.tryAcquire();
    breaker.tryAcquire();
    clock.ms += 14_999;
    expect(breaker.tryAcquire()).toBe(false);

    clock.ms += 1;
    expect([1, 2, 3].map(() => breaker.tryAcquire())).toEqual([true, true, false]);
    breaker.report(reportOf(OK, 15_000));

    expect(breaker.tryAcquire()).toBe(false);
    breaker.report(reportOf(OK, 15_000));
    expect(breaker.state).toBe('closed');
  });

  it('gives back the place of the call that reports, not that of one that has been out longer', () => {
    const { breaker, clock, open } = setUp();
    open();
    clock.ms += 15_000;
    breaker.tryAcquire();
    clock.ms += 10_000;
    breaker.tryAcquire();
    clock.ms += 4_000;
    breaker.report(reportOf({ failure: 'client_closed' }, 4_000));
    expect([1, 2].map(() => breaker.tryAcquire())).toEqual([true, false]);

    clock.ms += 1_000;

    expect([1, 2].map(() => breaker.tryAcquire())).toEqual([true, false]);
  });

  it('stays open a little longer by chance', () => {
    const { breaker, open } = setUp({}, () => 0.5);

    open();

    expect(breaker.retryInMs).toBeCloseTo(15_750);
  });
});

describe('CircuitBreaker and calls that began before it opened', () => {
  it('does not take their answers for those of calls that try', () => {
    const { breaker, clock, open } = setUp();
    for (let at = 0; at < 4; at += 1) breaker.tryAcquire();
    open();
    clock.ms += 15_000;
    breaker.tryAcquire();

    breaker.report(reportOf(OK, 15_000));
    breaker.report(reportOf(OK, 15_000));
    breaker.report(reportOf(DOWN, 15_000));
    expect(breaker.state).toBe('half_open');
    expect([1, 2].map(() => breaker.tryAcquire())).toEqual([true, false]);
    breaker.report(reportOf(OK));
    breaker.report(reportOf(OK));

    expect(breaker.state).toBe('closed');
  });

  it('does not open for them once it has closed', () => {
    const { breaker, call, clock, open } = setUp();
    for (let at = 0; at < 6; at += 1) breaker.tryAcquire();
    open();
    clock.ms += 15_000;
    call(OK);
    call(OK);
    clock.ms += 1_000;

    for (let at = 0; at < 6; at += 1) breaker.report(reportOf(DOWN, 16_000));

    expect(breaker.state).toBe('closed');
    expect(breaker.inFlight).toBe(0);
  });

  it('knows them also by their being all that is out, when reports say too late when they began', () => {
    const { breaker, call, clock, open } = setUp();
    for (let at = 0; at < 6; at += 1) breaker.tryAcquire();
    open();
    clock.ms += 15_000;
    call(OK);
    call(OK);

    for (let at = 0; at < 6; at += 1) breaker.report(reportOf(DOWN, 0));

    expect(breaker.state).toBe('closed');
  });

  it('does not stay open longer for them', () => {
    const { breaker, clock, open } = setUp();
    breaker.tryAcquire();
    open();
    clock.ms += 5_000;

    breaker.report(reportOf(DOWN, 5_000));

    expect(breaker.retryInMs).toBe(10_000);
  });

  it('believes those that began after another replica closed it, also while older ones are out', () => {
    const { breaker, call, clock, open } = setUp();
    breaker.tryAcquire();
    open();
    clock.ms += 10;
    breaker.close();
    clock.ms += 10;

    for (let at = 0; at < 5; at += 1) call(DOWN);

    expect(breaker.state).toBe('open');
  });
});

describe('CircuitBreaker and administrators', () => {
  it('forced open, lets nobody through until it is given back, and then begins closed', () => {
    const { breaker, clock, changes } = setUp();
    breaker.force('open');
    expect([breaker.state, breaker.forced, breaker.retryInMs]).toEqual(['open', 'open', 15_000]);
    clock.ms += 60_000;
    expect(breaker.tryAcquire()).toBe(false);

    breaker.force(undefined);

    expect([breaker.state, breaker.tryAcquire()]).toEqual(['closed', true]);
    expect(changes).toEqual([
      ['open', 'forced'],
      ['closed', 'forced'],
    ]);
  });

  it('forced closed, never opens, and what failed meanwhile is not held against it', () => {
    const { breaker, call, changes, open } = setUp();
    open();

    breaker.force('closed');
    for (let at = 0; at < 50; at += 1) call(DOWN);
    breaker.openFor(1_000);
    expect([breaker.state, breaker.tryAcquire()]).toEqual(['closed', true]);
    breaker.report(reportOf(DOWN));
    breaker.force(undefined);
    for (let at = 0; at < 4; at += 1) call(DOWN);

    expect(breaker.state).toBe('closed');
    expect(changes.filter(([state]) => state === 'open')).toHaveLength(1);
  });

  it('does nothing at the same word twice', () => {
    const { breaker, changes, open } = setUp();
    open();

    breaker.force(undefined);

    expect(breaker.state).toBe('open');
    expect(changes).toEqual([['open', 'failures']]);
  });

  it('closes at a reset, forgets what was counted, and says so even if it was closed', () => {
    const { breaker, call, changes, open } = setUp();
    open();
    breaker.reset();
    for (let at = 0; at < 4; at += 1) call(DOWN);

    breaker.reset();
    call(DOWN);

    expect(breaker.state).toBe('closed');
    expect(changes.slice(1)).toEqual([
      ['closed', 'reset'],
      ['closed', 'reset'],
    ]);
  });

  it('stays forced open at a reset', () => {
    const { breaker } = setUp();
    breaker.force('open');

    breaker.reset();

    expect(breaker.state).toBe('open');
  });
});

describe('CircuitBreaker and other replicas', () => {
  it('opens for the time that is left, closes when told, and repeats neither', () => {
    const { breaker, clock, changes } = setUp();

    breaker.openFor(4_000);
    expect([breaker.state, breaker.retryInMs]).toEqual(['open', 4_000]);
    clock.ms += 3_999;
    expect(breaker.tryAcquire()).toBe(false);
    breaker.close();

    expect(breaker.tryAcquire()).toBe(true);
    expect(changes).toEqual([]);
  });

  it('tries for itself when that time is over', () => {
    const { breaker, call, clock, changes } = setUp();
    breaker.openFor(4_000);
    clock.ms += 4_000;

    call(OK);
    call(OK);

    expect(breaker.state).toBe('closed');
    expect(changes.at(-1)).toEqual(['closed', 'probes']);
  });

  it('never shortens its own time, and minds no time that is over', () => {
    const { breaker, open } = setUp();
    breaker.openFor(0);
    breaker.openFor(-2);
    expect(breaker.state).toBe('closed');
    open();

    breaker.openFor(1_000);

    expect(breaker.retryInMs).toBe(15_000);
  });

  it('leaves a forced one as it is', () => {
    const { breaker } = setUp();
    breaker.force('open');

    breaker.close();

    expect(breaker.state).toBe('open');
  });
});

describe('CircuitBreaker with other settings', () => {
  it('keeps its state and what it counted', () => {
    const { breaker, call, clock, settings } = setUp();
    for (let at = 0; at < 4; at += 1) call(DOWN);

    breaker.reconfigure({ ...settings, openMs: 1_000, halfOpenCalls: 1 });
    call(DOWN);
    expect(breaker.retryInMs).toBe(1_000);
    breaker.reconfigure({ ...settings, openMs: 60_000, halfOpenCalls: 1 });
    clock.ms += 1_000;
    call(OK);

    expect(breaker.state).toBe('closed');
  });

  it('counts anew in a window of another length', () => {
    const { breaker, call, settings } = setUp({ consecutive: 100 });
    for (let at = 0; at < 9; at += 1) call(DOWN);

    breaker.reconfigure({ ...settings, windowMs: 500 });
    for (let at = 0; at < 9; at += 1) call(DOWN);
    expect(breaker.state).toBe('closed');
    call(DOWN);

    expect(breaker.state).toBe('open');
  });
});

type Outcome = Pick<AttemptReport, 'failure'> & Partial<AttemptReport>;

function reportOf(outcome: Outcome, durationMs = 0): AttemptReport {
  return { stream: false, firstEventMs: undefined, durationMs, ...outcome };
}

function setUp(overrides: Partial<BreakerSettings> = {}, random = () => 0) {
  // In the middle of a bucket, so that nothing depends on where the ring happens to stand.
  const clock = { ms: 1_000_130, elapsed: () => clock.ms };
  const settings = { ...SETTINGS, ...overrides };
  const changes: [string, string][] = [];
  const breaker = new CircuitBreaker(settings, { clock, random, onChange: (state, reason) => changes.push([state, reason]) });
  const call = (outcome: Outcome) => {
    expect(breaker.tryAcquire()).toBe(true);
    clock.ms += outcome.durationMs ?? 0;
    breaker.report(reportOf(outcome, outcome.durationMs));
  };
  const open = () => {
    for (let at = 0; at < settings.consecutive; at += 1) call(DOWN);
    expect(breaker.state).toBe('open');
  };
  return { breaker, call, changes, clock, open, settings };
}
