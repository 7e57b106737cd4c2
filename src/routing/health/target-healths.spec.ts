import { describe, expect, it } from '@jest/globals';
import type { AttemptReport } from '../../core/target-health.js';
import { TargetHealths } from './target-healths.js';

const BREAKER = { failureRatio: 0.5, minimumCalls: 10, windowMs: 2_000, consecutive: 3, openMs: 15_000, halfOpenCalls: 2, slowCallMs: 0 };

describe('TargetHealths', () => {
  it('gives the same object for the same names, and its own to each provider and model', () => {
    const { healths } = setUp();

    const health = healths.of('openai', 'gpt-5');

    expect(healths.of('openai', 'gpt-5')).toBe(health);
    expect(healths.of('openai', 'gpt-4')).not.toBe(health);
    expect(healths.of('azure', 'gpt-5')).not.toBe(health);
    expect(healths.trafficOf('openai', 2)).toBe(healths.trafficOf('openai', 3));
    expect(healths.trafficOf('azure', 2)).not.toBe(healths.trafficOf('openai', 2));
  });

  it('shows every target with its state, when it may be tried again, and its load', () => {
    const { healths } = setUp();
    fail(healths, 'openai', 'gpt-5');
    answer(healths, 'openai', 'gpt-4', 120);

    const shown = [...healths.all()].map(({ provider, model, state, retryInMs, load }) => ({ provider, model, state, retryInMs, load }));

    expect(shown).toEqual([
      { provider: 'openai', model: 'gpt-5', state: 'open', retryInMs: 15_000, load: 5_000 },
      { provider: 'openai', model: 'gpt-4', state: 'closed', retryInMs: 0, load: 120 },
    ]);
  });

  it('counts calls in hand into the load', () => {
    const { healths } = setUp();
    answer(healths, 'openai', 'gpt-5', 100);

    healths.of('openai', 'gpt-5').tryAcquire();

    expect(healths.of('openai', 'gpt-5').load).toBe(200);
  });

  it('counts of a stream the time to its first event, and no refusal of a call for its own faults', () => {
    const { healths } = setUp();
    const health = healths.of('openai', 'gpt-5');
    health.tryAcquire();
    health.report({ failure: undefined, stream: true, firstEventMs: 300, durationMs: 20_000 });

    health.tryAcquire();
    health.report({ failure: 'upstream_rejected', stream: true, firstEventMs: undefined, durationMs: 90_000 });

    expect(health.load).toBe(300);
  });

  it('holds all models of a provider, those that come later too, until they are given back', () => {
    const { healths } = setUp();
    const health = healths.of('openai', 'gpt-5');
    const other = healths.of('azure', 'gpt-5');

    healths.force('openai', 'open');
    const later = healths.of('openai', 'gpt-4');
    expect([health.state, later.state, other.state]).toEqual(['open', 'open', 'closed']);
    expect(healths.forcedState('openai')).toBe('open');
    healths.force('openai', undefined);

    expect([health.tryAcquire(), later.tryAcquire(), healths.of('openai', 'gpt-3').tryAcquire()]).toEqual([true, true, true]);
  });

  it('leaves a single breaker as it was forced when the word for its provider comes again', () => {
    const { healths } = setUp();
    const health = healths.of('openai', 'gpt-5');
    healths.find('openai', 'gpt-5')!.breaker.force('open');

    healths.force('openai', undefined);

    expect(health.state).toBe('open');
    expect(healths.find('openai', 'never-asked')).toBeUndefined();
  });

  it('resets all models of a provider and no other', () => {
    const { healths } = setUp();
    for (const [provider, model] of [
      ['openai', 'a'],
      ['openai', 'b'],
      ['azure', 'a'],
    ] as const)
      fail(healths, provider, model);

    healths.reset('openai');

    expect([...healths.all()].map(({ state }) => state)).toEqual(['closed', 'closed', 'open']);
  });

  it('tells who watches of new targets and of what their breakers decide', () => {
    const { healths } = setUp();
    const heard: string[] = [];
    healths.watch({
      created: ({ provider, model }) => heard.push(`${provider}/${model}`),
      changed: ({ model }, state, reason) => heard.push(`${model} ${state}: ${reason}`),
    });

    fail(healths, 'openai', 'gpt-5');
    healths.find('openai', 'gpt-5')!.breaker.close();

    expect(heard).toEqual(['openai/gpt-5', 'gpt-5 open: failures']);
  });

  it('takes other settings for what there is and for what comes, and keeps what it knows', async () => {
    const { healths, clock } = setUp();
    fail(healths, 'openai', 'gpt-5');
    const traffic = healths.trafficOf('openai', 1);
    void traffic.enter(noSignal);

    healths.reconfigure({ ...BREAKER, consecutive: 1, openMs: 1_000 }, { budgetRatio: 0 });
    const waiting = traffic.enter(() => new AbortController().signal);
    healths.trafficOf('openai', 2);
    await waiting;

    expect(healths.of('openai', 'gpt-5').retryInMs).toBe(15_000);
    expect(traffic.tryRepeat()).toBe(false);
    expect(healths.trafficOf('azure', 0).tryRepeat()).toBe(false);
    fail(healths, 'openai', 'gpt-4', 1);
    clock.ms += 1_000;
    expect(healths.of('openai', 'gpt-4').state).toBe('half_open');
  });
});

describe('what calls to a provider share', () => {
  it('bounds them, and allows a share of them to be repeated', () => {
    const { healths } = setUp();
    const traffic = healths.trafficOf('openai', 2);
    for (let call = 0; call < 15; call += 1) traffic.countCall();

    expect([traffic.enter(noSignal), traffic.enter(noSignal)]).toEqual([undefined, undefined]);
    traffic.leave();
    expect(traffic.enter(noSignal)).toBeUndefined();
    expect(Array.from({ length: 6 }, () => traffic.tryRepeat())).toEqual([true, true, true, true, false, false]);
  });
});

function setUp() {
  const clock = { ms: 1_000, elapsed: () => clock.ms };
  return { clock, healths: new TargetHealths(BREAKER, { budgetRatio: 0.1 }, clock, () => 0) };
}

function fail(healths: TargetHealths, provider: string, model: string, times = 3): void {
  attempt(healths, provider, model, { failure: 'upstream_timeout', stream: false, firstEventMs: undefined, durationMs: 5 }, times);
}

function answer(healths: TargetHealths, provider: string, model: string, durationMs: number): void {
  attempt(healths, provider, model, { failure: undefined, stream: false, firstEventMs: undefined, durationMs }, 1);
}

function attempt(healths: TargetHealths, provider: string, model: string, report: AttemptReport, times: number): void {
  const health = healths.of(provider, model);
  for (let at = 0; at < times; at += 1) {
    expect(health.tryAcquire()).toBe(true);
    health.report(report);
  }
}

function noSignal(): never {
  throw new Error('nobody waits here');
}
