import { describe, expect, it } from '@jest/globals';
import { cuts, refuses } from '../../support/upstream/behaviours.js';
import { errorOf } from '../wire-error.js';
import { alias, good, RouteStage } from './route-stage.js';

const outcomes = ({ attempts }: { readonly attempts: readonly { readonly provider: string; readonly outcome: string }[] }): string[] =>
  attempts.map(({ provider, outcome }) => `${provider}: ${outcome}`);

describe('a call that may be repeated', () => {
  const stage = RouteStage.set({
    providers: { first: {}, second: {} },
    models: [alias('alone', ['first']), alias('both', ['first', 'second'])],
    // As many repeats as anybody wants: what the budget does has a test of its own.
    config: { retry: { maxAttempts: 3, baseMs: 1, budgetRatio: 100 } },
  });

  it.each([false, true])('is asked of the same target again where there is no other (stream: %s)', async (stream) => {
    stage.upstream('first').next(refuses(500), cuts, good);

    const { answer, row } = await stage.ask('alone', { stream });

    expect(answer.status).toBe(200);
    expect(answer.headers['x-tollgate-attempts']).toBe('3');
    expect(outcomes(row)).toEqual(['first: upstream_unavailable', 'first: upstream_unavailable', 'first: answered']);
  });

  it('goes to another target before it is repeated', async () => {
    stage.upstream('first').next(refuses(500), good);
    stage.upstream('second').next(refuses(500), good);

    const { row } = await stage.ask('both');

    expect(outcomes(row).slice(0, 2)).toEqual(['first: upstream_unavailable', 'second: upstream_unavailable']);
    expect(outcomes(row).slice(2)).toEqual([expect.stringMatching(/^(first|second): answered$/)]);
  });

  it('tells its client not to try again when it was repeated in vain', async () => {
    stage.upstream('first').always(refuses(500));

    const { answer, row } = await stage.ask('alone');

    expect(errorOf(answer).code).toBe('upstream_unavailable');
    expect(answer.headers).toMatchObject({ 'x-should-retry': 'false', 'x-tollgate-attempts': '3' });
    expect(row.attempts).toHaveLength(3);
  });

  it('is not repeated for what is wrong with it', async () => {
    stage.upstream('first').always(refuses(400));

    const { answer } = await stage.ask('alone');

    expect(answer.status).toBe(400);
    expect(answer.headers).not.toHaveProperty('x-should-retry');
    expect(stage.asked()).toEqual({ first: 1, second: 0 });
  });

  it('waits as long as the provider asks', async () => {
    stage.upstream('first').next(refuses(429, {}, { 'retry-after-ms': '250' }), good);

    const { answer } = await stage.ask('alone');

    expect(answer.status).toBe(200);
    const [refused, answered] = stage.upstream('first').attempts;
    expect(answered!.closure!.atMs - refused!.closure!.atMs).toBeGreaterThanOrEqual(240);
  });

  it('does not wait where another target can answer', async () => {
    stage.upstream('first').next(refuses(429, {}, { 'retry-after': '3' }));
    stage.upstream('second').next(good);

    const { answer, row } = await stage.ask('both');

    expect(answer.status).toBe(200);
    expect(row.duration_ms).toBeLessThan(3_000);
  });

  it('does not wait for longer than its time, and hands the provider’s word on', async () => {
    stage.upstream('first').next(refuses(429, {}, { 'retry-after': '3600' }));

    const { answer } = await stage.ask('alone');

    expect(errorOf(answer).code).toBe('upstream_rate_limited');
    expect(answer.headers).toMatchObject({ 'retry-after': '3600', 'x-tollgate-attempts': '1' });
  });

  it('does not wait for longer than its client lets it', async () => {
    stage.upstream('first').next(refuses(429, {}, { 'retry-after': '5' }));

    const { answer, row } = await stage.ask('alone', { headers: { 'x-tollgate-timeout-ms': '2000' } });

    expect(answer.status).toBe(429);
    expect(answer.headers['retry-after']).toBe('5');
    expect(row.duration_ms).toBeLessThan(2_000);
  });
});

describe('the budget of repeats', () => {
  const stage = RouteStage.set({
    providers: { first: {} },
    config: { retry: { maxAttempts: 3, baseMs: 1, budgetRatio: 0.1 } },
  });

  it('keeps them to a share of the calls, so that an outage is not amplified', async () => {
    stage.upstream('first').always(refuses(500));
    const calls = 100;

    for (let count = 0; count < calls; count += 1) await (await stage.begin('first-model')).client.answer;

    const { first = 0 } = stage.asked();
    expect(first).toBeGreaterThan(calls);
    expect(first).toBeLessThanOrEqual(1.1 * calls + 8);
  });
});

describe('an open breaker', () => {
  const stage = RouteStage.set({
    providers: { first: {}, second: {} },
    models: [alias('alone', ['first']), alias('both', ['first', 'second'])],
    config: {
      // Nobody repeats here, and still asking again past an open breaker would only burn.
      retry: { maxAttempts: 1 },
      breaker: { consecutive: 3, openMs: 1_500, halfOpenCalls: 1 },
    },
  });

  it('sends calls to the next target at once, or refuses them with the time to come back; then it closes by itself', async () => {
    stage.upstream('first').always(refuses(500));
    stage.upstream('second').always(good);
    for (let count = 0; count < 3; count += 1) await stage.ask('alone');
    stage.upstream('first').always(good);

    const served = await stage.ask('both');
    const refused = await stage.ask('alone');

    expect(stage.asked()).toEqual({ first: 3, second: 1 });
    expect(served.answer.headers).toMatchObject({ 'x-tollgate-provider': 'second', 'x-tollgate-attempts': '1' });
    expect(refused.answer.status).toBe(503);
    expect(errorOf(refused.answer).code).toBe('upstream_unavailable');
    expect(refused.answer.headers).toMatchObject({ 'x-should-retry': 'false', 'x-tollgate-attempts': '0' });
    expect(Number(refused.answer.headers['retry-after-ms'])).toBeLessThanOrEqual(1_650);
    expect(refused.row).toMatchObject({ status: 503, ending: 'failed', error_kind: 'upstream_unavailable', attempts: [] });

    let status = 503;
    const deadline = performance.now() + 10_000;
    while (status !== 200 && performance.now() < deadline) status = (await stage.ask('alone')).answer.status;
    expect(status).toBe(200);
    expect((await stage.ask('both')).answer.headers['x-tollgate-provider']).toBe('first');
  });
});
