import { describe, expect, it } from '@jest/globals';
import { RawClient } from '../../support/raw-client.js';
import { pours } from '../../support/upstream/behaviours.js';
import { chunk, DONE, frame, streamFrames } from '../../support/upstream/openai-frames.js';
import { CALL_HEADERS, CHAT_PATH, MESSAGES, MODEL, Stage } from '../stage.js';
import { expectInTime } from '../../support/in-time.js';

const FRAME = Buffer.from(frame(chunk([{ index: 0, delta: { content: 'x'.repeat(32 * 1024) }, finish_reason: null }])));
const FRAMES = 1_200;
/** The kernel buffers of two loopback connections took 8.6 MB in all when this was tried; the rest would lie in our memory. */
const BOUND_BYTES = 24 * 1024 * 1024;
const TAIL = streamFrames({ usage: 'none' }).slice(-2).join('');

describe('a client that stops reading', () => {
  const stage = Stage.set();

  async function stalledCall(requestId: string): Promise<RawClient> {
    stage.upstream.next(pours(FRAME, FRAMES, TAIL));
    const client = await RawClient.send(stage.gateway.baseUrl, {
      method: 'POST',
      path: CHAT_PATH,
      headers: { ...CALL_HEADERS, 'x-request-id': requestId },
      body: JSON.stringify({ model: MODEL, messages: MESSAGES, stream: true }),
    });
    await client.head;
    client.pause();
    return client;
  }

  it('stops the provider within bounded bytes, and gets everything once it reads again', async () => {
    const client = await stalledCall(stage.requestId());
    const attempt = await stage.upstream.attempt(0);

    const taken = await standstill(() => attempt.bytesTaken);

    expect(taken).toBeLessThan(BOUND_BYTES);
    client.resume();
    const answer = await client.answer;
    expect(answer.whole).toBe(true);
    expect(answer.body.length).toBe(FRAMES * FRAME.length + TAIL.length);
    expect(answer.body.subarray(-DONE.length).toString()).toBe(DONE);
  }, 30_000);

  it('closes the upstream within 100 ms when it hangs up while stalled', async () => {
    const requestId = stage.requestId();
    const client = await stalledCall(requestId);
    const attempt = await stage.upstream.attempt(0);
    await standstill(() => attempt.bytesTaken);

    const leftMs = client.hangUp();

    expectInTime((await attempt.closed).atMs - leftMs, 100);
    expect(await stage.gateway.ledger.row(requestId)).toMatchObject({ ending: 'client_gone', error_kind: 'client_closed' });
  }, 30_000);
});

/** Where `read` stands once it has not moved for a quarter of a second. */
async function standstill(read: () => number): Promise<number> {
  let last = -1;
  while (last !== read()) {
    last = read();
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
  return last;
}
