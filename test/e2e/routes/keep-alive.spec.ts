import { describe, expect, it } from '@jest/globals';
import { hangs, lags, refuses } from '../../support/upstream/behaviours.js';
import { CHAT, MESSAGES, RESPONSES } from '../providers/clients.js';
import { alias, FRAMES, good, RouteStage } from './route-stage.js';

const INTERVAL_MS = 25;
const SILENCE_MS = 300;
const COMMENT = /^: keep-alive\n\n/gm;

describe('a client that waits for a stream while targets fail', () => {
  const timeouts = { connectMs: 20_000, firstTokenMs: SILENCE_MS, idleMs: 20_000, totalMs: 20_000 };
  const stage = RouteStage.set({
    providers: { first: { timeouts }, second: { timeouts: { ...timeouts, firstTokenMs: 20_000 } } },
    models: [alias('fast', ['first', 'second']), alias('alone', ['first'])],
    config: { http: { keepAliveIntervalMs: INTERVAL_MS }, retry: { maxAttempts: 2, baseMs: 1, budgetRatio: 0 } },
  });

  it('hears comments, and then the answer of the next target as if nothing had been', async () => {
    stage.upstream('first').next(hangs);
    stage.upstream('second').next(good);

    const { answer, row } = await stage.ask('fast', { stream: true });

    const text = answer.body.toString();
    expect(answer.status).toBe(200);
    expect(text.match(COMMENT)!.length).toBeGreaterThanOrEqual(2);
    expect(text.replace(COMMENT, '')).toBe(FRAMES.join(''));
    // Nobody knew yet who would answer: the row does.
    expect(answer.headers).not.toHaveProperty('x-tollgate-provider');
    expect(row).toMatchObject({
      provider: 'second',
      status: 200,
      ending: 'complete',
      attempts: [{ provider: 'first' }, { provider: 'second' }],
    });
  });

  it.each([CHAT, MESSAGES, RESPONSES])('is told in an event when all have failed ($dialect)', async (client) => {
    stage.upstream('first').next(hangs);
    stage.upstream('second').next(lags(SILENCE_MS, refuses(503)));

    const { answer, row, requestId } = await stage.ask('fast', { stream: true, body: client.body('fast', true) }, client.path);

    expect(answer.status).toBe(200);
    expect(answer.body.toString()).toMatch(COMMENT);
    expect(answer.body.toString()).not.toContain('[DONE]');
    const { error, text, finish } = client.hear(answer, true);
    expect({ text, finish }).toEqual({ text: '', finish: undefined });
    expect(error).toMatchObject({ code: 'upstream_unavailable', requestId });
    expect(row).toMatchObject({ status: 200, ending: 'failed', error_kind: 'upstream_unavailable', output_tokens: 0 });
    expect(row.attempts).toHaveLength(2);
  });

  it('has the true status where the failure came before the first comment', async () => {
    stage.upstream('first').next(refuses(400));

    const { answer } = await stage.ask('alone', { stream: true });

    expect(answer.status).toBe(400);
  });

  it('hears nothing before its answer if it did not ask for a stream', async () => {
    stage.upstream('first').next(lags(4 * INTERVAL_MS, good));

    const { answer } = await stage.ask('alone');

    expect(answer.status).toBe(200);
    expect(() => JSON.parse(answer.body.toString()) as unknown).not.toThrow();
    expect(answer.body.toString()).not.toMatch(COMMENT);
  });
});
