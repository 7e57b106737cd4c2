import { describe, expect, it } from '@jest/globals';
import { ProviderStatistics } from './provider-statistics.js';

const MINUTE_MS = 60_000;
const STARTED_AT = 1_800_000_000_000;

function setUp() {
  let passedMs = 123_456;
  const statistics = new ProviderStatistics({ now: () => STARTED_AT + passedMs, elapsed: () => passedMs });
  return { statistics, pass: (ms: number) => void (passedMs += ms), now: () => STARTED_AT + passedMs };
}

describe('what is known of a provider', () => {
  it('is nothing before it was asked', () => {
    const { statistics } = setUp();

    expect(statistics.totals('openai')).toEqual({ requests: 0, errors: new Map() });
    expect(statistics.outcomes('openai')).toEqual({ attempts: 0, successRate: undefined, failureRate: undefined });
    expect(statistics.latency('openai')).toEqual({ averageMs: undefined, p50Ms: undefined, p95Ms: undefined });
    expect(statistics.lastError('openai')).toBeUndefined();
  });

  it('counts attempts and errors by kind, each provider for itself', () => {
    const { statistics } = setUp();
    statistics.observe('openai', undefined, 100);
    statistics.observe('openai', 'upstream_timeout', 100);
    statistics.observe('openai', 'upstream_timeout', 100);
    statistics.observe('openai', 'upstream_rejected', 100);
    statistics.observe('anthropic', undefined, 100);

    expect(statistics.totals('openai')).toMatchObject({
      requests: 4,
      errors: new Map([
        ['upstream_timeout', 2],
        ['upstream_rejected', 1],
      ]),
    });
    expect(statistics.totals('anthropic')).toMatchObject({ requests: 1, errors: new Map() });
  });

  it('tells what a provider failed to do from what it refused', () => {
    const { statistics } = setUp();
    for (const failure of [undefined, undefined, 'upstream_rejected', 'upstream_unavailable'] as const) {
      statistics.observe('openai', failure, 100);
    }

    expect(statistics.outcomes('openai')).toEqual({ attempts: 4, successRate: 0.5, failureRate: 0.25 });
  });

  it('blames nobody for an attempt that the client gave up', () => {
    const { statistics } = setUp();
    statistics.observe('openai', 'client_closed', 100);

    expect(statistics.totals('openai')).toMatchObject({ requests: 1, errors: new Map() });
    expect(statistics.outcomes('openai').attempts).toBe(0);
    expect(statistics.lastError('openai')).toBeUndefined();
  });

  it('measures answers alone: how fast a provider fails is no speed', () => {
    const { statistics } = setUp();
    statistics.observe('openai', undefined, 1_000);
    statistics.observe('openai', undefined, 3_000);
    statistics.observe('openai', 'upstream_unavailable', 1);

    const { averageMs, p50Ms, p95Ms } = statistics.latency('openai');

    expect(averageMs).toBe(2_000);
    expect(p50Ms).toBeCloseTo(1_000, -2.4);
    expect(p95Ms).toBeCloseTo(3_000, -2.8);
  });

  it('remembers the last error and when it was', () => {
    const { statistics, pass, now } = setUp();
    statistics.observe('openai', 'upstream_timeout', 100);
    pass(10 * MINUTE_MS);
    statistics.observe('openai', 'upstream_protocol', 100);
    const at = now();
    pass(10 * MINUTE_MS);

    expect(statistics.lastError('openai')).toEqual({ kind: 'upstream_protocol', at });
  });

  it('forgets rates after five minutes, and no total', () => {
    const { statistics, pass } = setUp();
    statistics.observe('openai', 'upstream_timeout', 100);
    pass(4 * MINUTE_MS);
    statistics.observe('openai', undefined, 700);
    expect(statistics.outcomes('openai')).toMatchObject({ attempts: 2, successRate: 0.5 });
    expect(statistics.outcomes('openai', MINUTE_MS)).toMatchObject({ attempts: 1, successRate: 1 });

    pass(1.5 * MINUTE_MS);
    expect(statistics.outcomes('openai')).toMatchObject({ attempts: 1, successRate: 1 });
    expect(statistics.latency('openai').averageMs).toBe(700);

    pass(24 * 60 * MINUTE_MS);
    expect(statistics.outcomes('openai')).toMatchObject({ attempts: 0, successRate: undefined });
    expect(statistics.latency('openai').averageMs).toBeUndefined();
    expect(statistics.totals('openai').requests).toBe(2);
  });
});
