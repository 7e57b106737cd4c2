import { describe, expect, it } from '@jest/globals';
import { cuts, streams } from '../../support/upstream/behaviours.js';
import { streamFrames } from '../../support/upstream/openai-frames.js';
import { MESSAGES, MODEL, Stage } from '../stage.js';

const DONE = 'data: [DONE]\n\n';
const ERROR_EVENT = /^data: \{"error":\{[^\n]*"code":"upstream_protocol"[^\n]*\}\n\n$/;

/** How each kind of cut is told stands in the fault table (`test/e2e/routes`). */
describe('a stream that has begun and is', () => {
  const stage = Stage.set();

  async function ask(choices = 1) {
    const requestId = stage.requestId();
    const answer = await stage.call({ model: MODEL, messages: MESSAGES, stream: true, n: choices }, { 'x-request-id': requestId });
    return { text: answer.body.toString(), row: await stage.gateway.ledger.row(requestId) };
  }

  it('cut after its usage was reported is charged as reported', async () => {
    stage.upstream.next(streams(streamFrames({ usage: 'on-every' }).slice(0, 3), { finally: cuts }));

    const { row } = await ask();

    expect(row).toMatchObject({
      ending: 'upstream_cut',
      usage_source: 'provider',
      input_tokens: 200,
      cache_read_tokens: 1000,
      output_tokens: 80,
    });
  });

  it('whole but cut before its usage report and [DONE] is complete: every answer has finished', async () => {
    const frames = streamFrames({ usage: 'none', done: false });
    stage.upstream.next(streams(frames, { finally: cuts }));

    const { text, row } = await ask();

    expect(text.startsWith(frames.join(''))).toBe(true);
    const end = text.slice(frames.join('').length);
    if (row.ending === 'complete') expect(end).toBe(DONE);
    else expect([row.ending, end]).toEqual(['upstream_cut', expect.stringMatching(ERROR_EVENT)]);
  });

  it('cut with one of two answers finished is not complete', async () => {
    const frames = streamFrames({ usage: 'none' });
    stage.upstream.next(streams(frames));

    const { text, row } = await ask(2);

    const finished = frames.slice(0, -1).join('');
    expect(text.startsWith(finished)).toBe(true);
    expect(text.slice(finished.length)).toMatch(ERROR_EVENT);
    expect(row).toMatchObject({ status: 200, ending: 'upstream_cut', error_kind: 'upstream_protocol' });
  });
});
