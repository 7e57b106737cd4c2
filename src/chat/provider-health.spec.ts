import { describe, expect, it } from '@jest/globals';
import type { ErrorKind } from '../core/errors.js';
import type { Provider } from '../core/provider.js';
import { ProviderStatistics, type Toggles } from '../platform/index.js';
import type { ActiveProbes } from '../providers/index.js';
import { TargetHealths } from '../routing/index.js';
import { ProviderHealth } from './provider-health.js';
import { RouteToggles } from './route-toggles.js';

const MINUTE_MS = 60_000;
const BREAKER = { failureRatio: 0.5, minimumCalls: 10, windowMs: 2_000, consecutive: 2, openMs: 15_000, halfOpenCalls: 1, slowCallMs: 0 };

function setUp() {
  const clock = { ms: 0, now: () => clock.ms, elapsed: () => clock.ms };
  const account = { awake: 1 };
  const probed = { isUp: undefined as boolean | undefined };
  let turn: (name: string, value: string | undefined) => void = () => undefined;
  const providers = new Map([['openai', { name: 'openai', awake: () => account.awake } as unknown as Provider]]);
  const statistics = new ProviderStatistics(clock);
  const healths = new TargetHealths(BREAKER, { budgetRatio: 0.1 }, clock, () => 0);
  const toggles = new RouteToggles({ onChange: (listener: typeof turn) => void (turn = listener) } as unknown as Toggles, healths);
  const probes = {
    latest: () => (probed.isUp === undefined ? undefined : { isUp: probed.isUp, at: 0, reason: undefined }),
  } as unknown as ActiveProbes;
  const health = new ProviderHealth(providers, statistics, healths, toggles, probes);
  const attempts = (...failures: readonly (ErrorKind | undefined)[]): void =>
    failures.forEach((failure) => statistics.observe('openai', failure, 100));
  const open = (model: string): void => {
    for (let call = 0; call < BREAKER.consecutive; call += 1) {
      const target = healths.of('openai', model);
      target.tryAcquire();
      target.report({ failure: 'upstream_unavailable', stream: false, firstEventMs: undefined, durationMs: 10 });
    }
  };
  return { health, clock, account, probed, healths, attempts, open, turn: (name: string, value?: string) => turn(name, value) };
}

const TIMEOUT = 'upstream_timeout';

describe('a provider', () => {
  it('is unknown before anything was heard of it, and again five minutes after', () => {
    const { health, clock, attempts } = setUp();
    expect(health.stateOf('openai')).toBe('unknown');

    attempts(undefined);
    expect(health.stateOf('openai')).toBe('healthy');

    clock.ms += 6 * MINUTE_MS;
    expect(health.stateOf('openai')).toBe('unknown');
  });

  it('is degraded while some of its calls fail', () => {
    const { health, clock, attempts } = setUp();
    attempts(undefined, undefined, TIMEOUT);
    expect(health.stateOf('openai')).toBe('degraded');

    clock.ms += 2 * MINUTE_MS;
    expect(health.stateOf('openai')).toBe('healthy');
  });

  it('is unhealthy while all of them fail', () => {
    const { health, attempts } = setUp();
    attempts(TIMEOUT, TIMEOUT);
    expect(health.stateOf('openai')).toBe('degraded');

    attempts(TIMEOUT);
    expect(health.stateOf('openai')).toBe('unhealthy');
  });

  it('is not to blame for what it is asked', () => {
    const { health, attempts } = setUp();
    attempts('upstream_rejected', 'context_length_exceeded', 'content_policy');

    expect(health.stateOf('openai')).toBe('healthy');
  });

  it('is degraded while one of its breakers is open, unhealthy while all are', () => {
    const { health, open, healths } = setUp();
    healths.of('openai', 'good');
    open('bad');
    expect([health.stateOf('openai'), health.worstBreaker('openai')]).toEqual(['degraded', 'open']);

    open('good');
    expect(health.stateOf('openai')).toBe('unhealthy');
  });

  it('is degraded while a breaker tries whether it is well again', () => {
    const { health, open, clock } = setUp();
    open('only');
    clock.ms += BREAKER.openMs * 2;

    expect([health.stateOf('openai'), health.worstBreaker('openai')]).toEqual(['degraded', 'half_open']);
  });

  it('is unhealthy while its breaker is held open, before anybody has asked for a model', () => {
    const { health, turn } = setUp();
    turn('breaker:openai', 'open');

    expect([health.stateOf('openai'), health.worstBreaker('openai'), health.forcedState('openai')]).toEqual(['unhealthy', 'open', 'open']);
  });

  it('is unhealthy while all its keys rest', () => {
    const { health, account, attempts } = setUp();
    attempts(undefined);
    account.awake = 0;

    expect(health.stateOf('openai')).toBe('unhealthy');
  });

  it('is what its last probe says, where nothing else is heard of it', () => {
    const { health, probed } = setUp();
    probed.isUp = true;
    expect(health.stateOf('openai')).toBe('healthy');

    probed.isUp = false;
    expect(health.stateOf('openai')).toBe('unhealthy');
  });

  it('is disabled when it is switched off, however well it is', () => {
    const { health, turn, attempts } = setUp();
    attempts(undefined);
    turn('provider:openai:enabled', 'false');

    expect([health.stateOf('openai'), health.isEnabled('openai')]).toEqual(['disabled', false]);
    expect(health.stateOf('switched-off-in-the-file')).toBe('disabled');
  });

  it('says what keeps calls from each model', () => {
    const { health, open, turn } = setUp();
    open('bad');
    turn('breaker:openai:held', 'closed');

    expect(health.breakersOf('openai')).toEqual([
      { model: 'bad', state: 'open', forced: undefined, retryInMs: BREAKER.openMs },
      { model: 'held', state: 'closed', forced: 'closed', retryInMs: 0 },
    ]);
  });
});
