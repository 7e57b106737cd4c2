import { describe, expect, it } from '@jest/globals';
import { continues, drips, hangs } from '../../support/upstream/behaviours.js';
import { streamFrames } from '../../support/upstream/openai-frames.js';
import { MESSAGES, MODEL, Stage } from '../stage.js';
import { expectInTime } from '../../support/in-time.js';

const TIMEOUTS = { connectMs: 500, firstTokenMs: 600, idleMs: 500, totalMs: 1_500 };
const COMMENT = ': keep-alive\n\n';
const EVERY_MS = 50;
const FRAMES = streamFrames({ usage: 'none' });

describe('the deadlines of a provider', () => {
  const stage = Stage.set({ provider: { timeouts: TIMEOUTS } });

  async function timed(stream: boolean) {
    const requestId = stage.requestId();
    const startMs = performance.now();
    const answer = await stage.call({ model: MODEL, messages: MESSAGES, stream }, { 'x-request-id': requestId });
    return { answer, ms: performance.now() - startMs, row: await stage.gateway.ledger.row(requestId) };
  }

  it('let a slow stream live whose comments break the silence', async () => {
    const slow = drips(COMMENT, EVERY_MS, 14, continues(FRAMES.slice(1)));
    stage.upstream.next(drips(FRAMES[0]!, 0, 1, slow));

    const { answer, ms, row } = await timed(true);

    expect(ms).toBeGreaterThan(TIMEOUTS.idleMs);
    expect(answer.body.toString().replaceAll(COMMENT, '')).toBe(FRAMES.join(''));
    expect(row).toMatchObject({ ending: 'complete', status: 200 });
  });

  it('end a stream that only ever comments when its total time is up', async () => {
    stage.upstream.next(drips(FRAMES[0]!, 0, 1, drips(COMMENT, EVERY_MS, 1_000)));

    const { answer, ms, row } = await timed(true);

    expect(ms).toBeGreaterThanOrEqual(TIMEOUTS.totalMs - 1);
    expectInTime(ms, TIMEOUTS.totalMs);
    expect(answer.body.toString()).toMatch(/data: \{"error":.*"upstream_timeout".*\}\n\n$/);
    expect(row).toMatchObject({ ending: 'timed_out', error_kind: 'upstream_timeout', status: 200 });
  });

  it('give a plain call all of its total time, whatever is allowed until a first token', async () => {
    stage.upstream.next(hangs);

    const { answer, ms, row } = await timed(false);

    expect(ms).toBeGreaterThanOrEqual(TIMEOUTS.totalMs - 1);
    expect(answer.status).toBe(504);
    expect(row).toMatchObject({ ending: 'timed_out', error_kind: 'upstream_timeout', status: 504 });
  });

  it('close the socket of the provider that missed one', async () => {
    stage.upstream.next(hangs);

    await timed(true);

    expect((await (await stage.upstream.attempt(0)).closed).wholeAnswer).toBe(false);
  });
});
