import { describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { Pace, type Attempt, type Behaviour } from '../../support/upstream.js';
import { hangs, hangsAfterHead, JSON_TYPE, SSE_TYPE, streams } from '../../support/upstream/behaviours.js';
import { chunk, frame, streamFrames } from '../../support/upstream/openai-frames.js';
import { MESSAGES, MODEL, Stage } from '../stage.js';
import { expectInTime } from '../../support/in-time.js';

/** The promise: from the client's hang-up to the closed upstream socket. */
const PROMISED_MS = 100;
const PLAIN = { model: MODEL, messages: MESSAGES };
const STREAM = { ...PLAIN, stream: true as const };

describe('a call that its client abandons', () => {
  const stage = Stage.set();

  /** Makes the call, lets `leave` end it once the provider has it, and returns what the provider saw and how long it took to see it. */
  async function abandoned(requestId: string, body: OpenAI.ChatCompletionCreateParams, behaviour: Behaviour): Promise<Attempt> {
    stage.upstream.next(behaviour);
    const controller = new AbortController();
    const call = stage.client().chat.completions.create(body, { signal: controller.signal, headers: { 'x-request-id': requestId } });
    const outcome = call.then(undefined, (thrown: unknown) => thrown);
    const attempt = await stage.upstream.attempt(0);
    const leftMs = performance.now();
    controller.abort();
    expect(await outcome).toBeInstanceOf(OpenAI.APIUserAbortError);
    await expectClosed(attempt, leftMs);
    return attempt;
  }

  async function expectClosed(attempt: Attempt, leftMs: number): Promise<void> {
    const closure = await attempt.closed;
    expect(closure.wholeAnswer).toBe(false);
    expectInTime(closure.atMs - leftMs, PROMISED_MS);
  }

  it.each([
    ['a stream, before the headers', STREAM, hangs],
    ['a stream, after the headers and before the first event', STREAM, hangsAfterHead(SSE_TYPE)],
    ['a plain call, before the headers', PLAIN, hangs],
    ['a plain call, after the headers', PLAIN, hangsAfterHead({ ...JSON_TYPE, 'content-length': 500 })],
  ])('is cancelled upstream within 100 ms and has its row: %s', async (_, body, behaviour) => {
    const requestId = stage.requestId();

    await abandoned(requestId, body, behaviour);

    const row = await stage.gateway.ledger.row(requestId);
    expect(row).toMatchObject({ ending: 'client_gone', error_kind: 'client_closed', status: 499, first_token_ms: null, output_tokens: 0 });
    expect(row.usage_source).toMatch(/^(counted|estimated)$/);
    expect(row.input_tokens).toBeGreaterThan(0);
    expect(row.attempts).toHaveLength(1);
    expect(stage.upstream.attempts).toHaveLength(1);
  });

  describe('in the middle of its stream', () => {
    /** Reads the first `chunks`, then leaves by `leave`. */
    async function leaving(
      requestId: string,
      frames: string[],
      leave: (stream: AsyncIterable<unknown> & { controller: AbortController }) => void,
    ): Promise<void> {
      const pace = new Pace();
      stage.upstream.next(streams(frames, { pace }));
      const pending = stage.client().chat.completions.create(STREAM, { headers: { 'x-request-id': requestId } });
      pace.step(3);
      const stream = await pending;
      const chunks = stream[Symbol.asyncIterator]();
      for (let count = 0; count < 3; count += 1) await chunks.next();
      const attempt = await stage.upstream.attempt(0);
      const leftMs = performance.now();
      leave(stream);
      await expectClosed(attempt, leftMs);
    }

    it('is cancelled upstream within 100 ms, and its row says that we counted', async () => {
      const requestId = stage.requestId();

      await leaving(requestId, streamFrames({ text: ['Here are ', 'some words', 'never sent'] }), (stream) => stream.controller.abort());

      const row = await stage.gateway.ledger.row(requestId);
      expect(row).toMatchObject({
        ending: 'client_gone',
        error_kind: 'client_closed',
        status: 200,
        streamed: true,
        usage_source: 'counted',
      });
      expect(row.input_tokens).toBeGreaterThan(0);
      expect(row.output_tokens).toBeGreaterThanOrEqual(3);
      expect(row.output_tokens).toBeLessThan(20);
    });

    it("keeps the provider's own figures where it had reported any", async () => {
      const requestId = stage.requestId();

      await leaving(requestId, streamFrames({ usage: 'on-every' }), (stream) => stream.controller.abort());

      const row = await stage.gateway.ledger.row(requestId);
      expect(row).toMatchObject({
        ending: 'client_gone',
        usage_source: 'provider',
        input_tokens: 200,
        cache_read_tokens: 1000,
        output_tokens: 80,
      });
    });

    it('counts the arguments of tools too', async () => {
      const requestId = stage.requestId();
      const piece = {
        index: 0,
        id: 'c',
        type: 'function',
        function: { name: 'write_file', arguments: 'lorem ipsum dolor sit amet '.repeat(20) },
      };
      const words = frame(chunk([{ index: 0, delta: { tool_calls: [piece] }, finish_reason: null }]));

      await leaving(requestId, [streamFrames()[0]!, words, words, words], (stream) => stream.controller.abort());

      const row = await stage.gateway.ledger.row(requestId);
      expect(row.output_tokens).toBeGreaterThan(150);
    });
  });

  it('is abandoned too when the reader breaks out of its loop', async () => {
    const requestId = stage.requestId();
    const pace = new Pace();
    stage.upstream.next(streams(streamFrames(), { pace }));
    pace.step(2);
    let leftMs = 0;

    for await (const _ of await stage.client().chat.completions.create(STREAM, { headers: { 'x-request-id': requestId } })) {
      leftMs = performance.now();
      break;
    }

    await expectClosed(await stage.upstream.attempt(0), leftMs);
    expect(await stage.gateway.ledger.row(requestId)).toMatchObject({ ending: 'client_gone' });
  });

  it('leaves one line in the log, which says so', async () => {
    const requestId = stage.requestId();

    await abandoned(requestId, STREAM, hangs);

    const lines = await stage.gateway.logs.untilLinesOf(requestId);
    expect(lines).toHaveLength(1);
    expect(JSON.stringify(lines)).toContain('client_gone');
  });

  it('leaves no socket behind, though many leave at once', async () => {
    stage.upstream.always(hangs);
    const controller = new AbortController();
    const calls = Array.from({ length: 20 }, () => stage.client().chat.completions.create(STREAM, { signal: controller.signal }));
    const outcome = Promise.allSettled(calls);
    await stage.upstream.attempt(19);
    const leftMs = performance.now();

    controller.abort();
    await outcome;

    for (const attempt of stage.upstream.attempts) await expectClosed(attempt, leftMs);
  });
});
