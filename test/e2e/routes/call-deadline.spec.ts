import { describe, expect, it } from '@jest/globals';
import { expectInTime } from '../../support/in-time.js';
import { hangs, lags, streams } from '../../support/upstream/behaviours.js';
import { errorOf } from '../wire-error.js';
import { alias, FRAMES, good, RouteStage } from './route-stage.js';

const HEADER = 'x-tollgate-timeout-ms';
const OWN_MS = 700;

describe('x-tollgate-timeout-ms', () => {
  const patient = { connectMs: 20_000, firstTokenMs: 20_000, idleMs: 20_000, totalMs: 20_000 };
  const stage = RouteStage.set({
    providers: { first: { timeouts: patient }, second: { timeouts: patient }, brisk: { timeouts: { ...patient, totalMs: OWN_MS } } },
    models: [alias('patient', ['first', 'second']), alias('brisk', ['brisk'])],
    config: { retry: { maxAttempts: 3, baseMs: 1, budgetRatio: 0 } },
  });

  it.each([false, true])('ends a call when its time is up, and asks nobody else (stream: %s)', async (stream) => {
    stage.upstream('first').always(hangs);
    stage.upstream('second').always(good);
    const startMs = performance.now();

    const { answer, row } = await stage.ask('patient', { stream, headers: { [HEADER]: '300' } });

    expect(performance.now() - startMs).toBeGreaterThanOrEqual(299);
    expectInTime(performance.now() - startMs, 300);
    expect(answer.status).toBe(504);
    expect(errorOf(answer).code).toBe('upstream_timeout');
    expect(row).toMatchObject({ status: 504, ending: 'timed_out', error_kind: 'upstream_timeout' });
    expect(stage.asked()).toEqual({ first: 1, second: 0, brisk: 0 });
    expect((await (await stage.upstream('first').attempt(0)).closed).wholeAnswer).toBe(false);
  });

  it('ends a stream that has begun with an error event', async () => {
    stage.upstream('first').always(streams(FRAMES.slice(0, 2), { finally: hangs }));

    const { answer, row } = await stage.ask('patient', { stream: true, headers: { [HEADER]: '400' } });

    expect(answer.status).toBe(200);
    expect(answer.body.toString().slice(FRAMES.slice(0, 2).join('').length)).toMatch(/^data: \{"error":\{.*"upstream_timeout".*\}\n\n$/);
    expect(row).toMatchObject({ status: 200, ending: 'timed_out', error_kind: 'upstream_timeout' });
  });

  it('is over all attempts together', async () => {
    stage.upstream('first').always(lags(200, (exchange) => exchange.cut()));
    stage.upstream('second').always(hangs);
    const startMs = performance.now();

    const { answer, row } = await stage.ask('patient', { headers: { [HEADER]: '500' } });

    expectInTime(performance.now() - startMs, 500);
    expect(answer.status).toBe(504);
    expect(row.attempts.map(({ outcome }) => outcome)).toEqual(['upstream_unavailable', 'upstream_timeout']);
  });

  it('lowers, and never raises, what a provider is given', async () => {
    stage.upstream('brisk').always(hangs);
    const startMs = performance.now();

    const { answer } = await stage.ask('brisk', { headers: { [HEADER]: '20000' } });

    expectInTime(performance.now() - startMs, OWN_MS);
    expect(answer.status).toBe(504);
  });

  it('that is long enough changes nothing', async () => {
    stage.upstream('first').always(good);

    const { answer } = await stage.ask('patient', { headers: { [HEADER]: '60000' } });

    expect(answer.status).toBe(200);
  });

  it.each(['soon', '0', '-5', '1.5', '10s', '1e3'])('%p is refused in so many words', async (value) => {
    const { client } = await stage.begin('patient', { headers: { [HEADER]: value } });
    const answer = await client.answer;

    expect(answer.status).toBe(400);
    expect(errorOf(answer)).toMatchObject({ type: 'invalid_request_error', message: expect.stringContaining(`\`${HEADER}\``) });
    expect(stage.asked()).toEqual({ first: 0, second: 0, brisk: 0 });
  });
});
