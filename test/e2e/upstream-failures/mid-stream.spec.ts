import { describe, expect, it } from '@jest/globals';
import { PROVIDER_KEY } from '../../support/gateway.js';
import type { Behaviour } from '../../support/upstream.js';
import { cuts, hangs, resets, streams } from '../../support/upstream/behaviours.js';
import { errorFrame, frame, streamFrames } from '../../support/upstream/openai-frames.js';
import { MESSAGES, MODEL, Stage } from '../stage.js';
import { expectErrorShape, type WireError } from '../wire-error.js';
import { SHORT } from './deadlines.js';
import { expectInTime } from '../../support/in-time.js';

const BEGUN = streamFrames({ text: ['Hel', 'lo'], usage: 'none' }).slice(0, 3);
const FINISH = streamFrames({ usage: 'none' }).at(-2)!;
const HALF = FINISH.slice(0, 50);
const OPENROUTER_ERROR = frame(
  JSON.stringify({
    id: 'gen-1',
    error: { code: 502, message: 'Provider disconnected' },
    choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }],
  }),
);

interface Told {
  readonly code: RegExp;
  readonly ending: RegExp;
}

const CUT: Told = { code: /^upstream_(protocol|unavailable)$/, ending: /^upstream_cut$/ };
const TOLD_ERROR: Told = { code: /^upstream_/, ending: /^(failed|upstream_cut)$/ };
const TIMED_OUT: Told = { code: /^upstream_timeout$/, ending: /^timed_out$/ };

const ROWS: readonly (readonly [string, Behaviour, Told])[] = [
  ['cut between events', streams(BEGUN, { finally: cuts }), CUT],
  ['reset between events', streams(BEGUN, { finally: resets }), CUT],
  ['cut within an event', streams([...BEGUN, HALF], { finally: cuts }), CUT],
  ['ended between events, as if it were over', streams(BEGUN), CUT],
  ['ended within an event', streams([...BEGUN, HALF]), CUT],
  ['ended by [DONE] though no answer has finished', streams([...BEGUN, 'data: [DONE]\n\n']), CUT],
  ['silent for too long', streams(BEGUN, { finally: hangs }), TIMED_OUT],
  ['ended by an error event', streams([...BEGUN, errorFrame('the model fell over')]), TOLD_ERROR],
  ['ended by an error event and [DONE]', streams([...BEGUN, errorFrame(), 'data: [DONE]\n\n']), TOLD_ERROR],
  ["ended by OpenRouter's error chunk", streams([...BEGUN, OPENROUTER_ERROR, 'data: [DONE]\n\n']), TOLD_ERROR],
  ['ended by an error that quotes our key', streams([...BEGUN, errorFrame(`bad key ${PROVIDER_KEY}`)]), TOLD_ERROR],
  ['broken by malformed JSON', streams([...BEGUN, 'data: {"id":\n\n', 'data: [DONE]\n\n']), { ...CUT, ending: /^(failed|upstream_cut)$/ }],
];

describe('a stream that has begun and is', () => {
  const stage = Stage.set({ provider: { timeouts: SHORT } });

  it.each(ROWS)('%s ends with an error event, and never with [DONE]', async (_, behaviour, told) => {
    stage.upstream.always(behaviour);
    const requestId = stage.requestId();
    const startMs = performance.now();

    const answer = await stage.call({ model: MODEL, messages: MESSAGES, stream: true }, { 'x-request-id': requestId });

    expectInTime(performance.now() - startMs, SHORT.idleMs);
    expect(answer.status).toBe(200);
    const text = answer.body.toString();
    expect(text.startsWith(BEGUN.join(''))).toBe(true);
    expectErrorEvent(text.slice(BEGUN.join('').length), requestId, told);
    await expectRow(requestId, told);
  });

  it('cut after its usage was reported is charged as reported', async () => {
    stage.upstream.next(streams(streamFrames({ usage: 'on-every' }).slice(0, 3), { finally: cuts }));
    const requestId = stage.requestId();

    await stage.call({ model: MODEL, messages: MESSAGES, stream: true }, { 'x-request-id': requestId });

    const row = await stage.gateway.ledger.row(requestId);
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
    const requestId = stage.requestId();

    const answer = await stage.call({ model: MODEL, messages: MESSAGES, stream: true }, { 'x-request-id': requestId });

    const complete = answer.body.toString() === `${frames.join('')}data: [DONE]\n\n`;
    const row = await stage.gateway.ledger.row(requestId);
    expect(row.ending).toBe(complete ? 'complete' : 'upstream_cut');
    if (!complete) expectErrorEvent(answer.body.toString().slice(frames.join('').length), requestId, CUT);
  });

  it('cut with one of two answers finished is not complete', async () => {
    stage.upstream.next(streams([...BEGUN, FINISH, 'data: [DONE]\n\n']));
    const requestId = stage.requestId();

    const answer = await stage.call({ model: MODEL, messages: MESSAGES, stream: true, n: 2 }, { 'x-request-id': requestId });

    expectErrorEvent(answer.body.toString().slice([...BEGUN, FINISH].join('').length), requestId, CUT);
    await expectRow(requestId, CUT);
  });

  /** `tail` is what follows the frames that came whole: one error event and nothing else. */
  function expectErrorEvent(tail: string, requestId: string, told: Told): void {
    expect(tail).toMatch(/^data: [^\n]+\n\n$/);
    const { error } = JSON.parse(tail.slice('data: '.length)) as { error: WireError };
    expectErrorShape(error);
    expect(error.code).toMatch(told.code);
    expect(error.request_id).toBe(requestId);
    expect(tail).not.toContain(PROVIDER_KEY);
  }

  async function expectRow(requestId: string, told: Told): Promise<void> {
    const row = await stage.gateway.ledger.row(requestId);
    expect(row).toMatchObject({ status: 200, streamed: true, usage_source: 'counted', attempts: [{ provider: 'scripted' }] });
    expect(row.ending).toMatch(told.ending);
    expect(row.error_kind).toMatch(told.code);
    expect(row.output_tokens).toBeGreaterThan(0);
    expect(row.first_token_ms).not.toBeNull();
    expect(stage.upstream.attempts).toHaveLength(1);
  }
});
