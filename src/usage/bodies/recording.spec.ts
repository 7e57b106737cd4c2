import { describe, expect, it } from '@jest/globals';
import { callSaying, RecordedCalls } from '../../../test/support/recorded-call.js';
import { ByteQuota } from './byte-quota.js';
import { Recording } from './recording.js';

const FULL = { maxBytes: 10_000, isRedacted: false };
const REQUEST = '{"model":"m","messages":[]}';

function record(limits = FULL, quota = new ByteQuota(1_000_000), request = REQUEST) {
  const calls = new RecordedCalls();
  return { recording: new Recording(callSaying(request), limits, quota, calls), calls };
}

describe('Recording', () => {
  it('joins what went to the client, in its own memory', () => {
    const { recording, calls } = record();
    const chunk = Buffer.from('data: 1\n\n');

    recording.add(chunk);
    chunk.fill('x');
    recording.add(Buffer.from('data: 2\n\n'));
    recording.end();

    expect(calls.calls).toMatchObject([{ request: { bytes: REQUEST.length }, answer: { bytes: 18 } }]);
    expect(String(calls.calls[0]!.answer!.kept)).toBe('data: 1\n\ndata: 2\n\n');
  });

  it('keeps no more than the limit, and knows how much there was', () => {
    const { recording, calls } = record({ maxBytes: 20, isRedacted: false });

    for (let chunk = 0; chunk < 1_000; chunk += 1) recording.add(Buffer.from('0123456'));
    recording.end();

    const [{ request, answer, heldBytes }] = calls.calls as [(typeof calls.calls)[0]];
    expect(String(answer!.kept)).toBe('01234560123456012345');
    expect(answer!.bytes).toBe(7_000);
    expect(request).toEqual({ kept: Buffer.from(REQUEST.slice(0, 20)), bytes: REQUEST.length });
    expect(heldBytes).toBe(40);
  });

  it('has no answer where the client got nothing', () => {
    const { recording, calls } = record();

    recording.end();

    expect(calls.calls[0]!.answer).toBeUndefined();
  });

  it('is over once', () => {
    const { recording, calls } = record();

    recording.end();
    recording.end();
    recording.add(Buffer.from('late'));

    expect(calls.calls).toHaveLength(1);
  });

  it.each([
    ['the answer', 100, 'x'.repeat(200)],
    ['the request', 20, ''],
  ])('gives itself up where there is no room for %s, and gives back what it had', (_, most, answer) => {
    const quota = new ByteQuota(most);
    const { recording, calls } = record(FULL, quota);

    recording.add(Buffer.from(answer));
    recording.add(Buffer.from(answer));
    recording.end();

    expect([calls.calls.length, calls.missed]).toEqual([0, 1]);
    expect(quota.take(most)).toBe(true);
  });

  it('holds of the quota what it says that it holds', () => {
    const quota = new ByteQuota(50_000);
    const { recording, calls } = record(FULL, quota);

    recording.add(Buffer.alloc(5_000));
    recording.end();

    const [{ heldBytes }] = calls.calls as [(typeof calls.calls)[0]];
    expect(quota.take(50_000 - heldBytes)).toBe(true);
    expect(quota.take(1)).toBe(false);
  });

  it('keeps a request whole that is to be redacted', () => {
    const { recording, calls } = record({ maxBytes: 4, isRedacted: true });

    recording.end();

    expect(calls.calls[0]!.request).toEqual({ parsed: { model: 'm', messages: [] }, bytes: REQUEST.length });
  });
});
