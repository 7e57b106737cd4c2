import { describe, expect, it } from '@jest/globals';
import { packBody, toAnswerBody, toRequestBody, unpackBody } from './body.js';
import type { RecordedBytes, RecordedCall } from './recording.js';

const MOST = 1_000;

function recorded(changes: Partial<RecordedCall>): RecordedCall {
  const request = { parsed: { model: 'm', messages: [{ role: 'user', content: 'secret' }] }, bytes: 60 };
  return { callId: 'c', admittedAt: 0, isStream: false, request, answer: undefined, heldBytes: 0, ...changes };
}

const whole = (text: string): RecordedBytes => ({ kept: Buffer.from(text), bytes: Buffer.byteLength(text) });

describe('toRequestBody', () => {
  it('is what came, in full', () => {
    expect(toRequestBody(recorded({ request: whole('{"a":"ä"}') }), MOST)).toEqual({
      text: '{"a":"ä"}',
      bytes: 10,
      cut: false,
      redacted: false,
    });
  });

  it('says that it was cut, and ends with a whole character', () => {
    const kept = Buffer.from('{"a":"ä"}').subarray(0, 7);

    expect(toRequestBody(recorded({ request: { kept, bytes: 10 } }), MOST)).toEqual({
      text: '{"a":"',
      bytes: 10,
      cut: true,
      redacted: false,
    });
  });

  it('is redacted whole, and cut afterwards', () => {
    const redacted = '{"model":"m","messages":[{"role":"user","content":"[redacted: 6]"}]}';

    expect(toRequestBody(recorded({}), MOST)).toEqual({ text: redacted, bytes: 60, cut: false, redacted: true });
    expect(toRequestBody(recorded({}), 20)).toEqual({ text: redacted.slice(0, 20), bytes: 60, cut: true, redacted: true });
  });

  it('is its length alone where it is nested too deeply to be looked at', () => {
    let parsed: unknown = 'secret';
    for (let depth = 0; depth < 100_000; depth += 1) parsed = { content: parsed };

    expect(toRequestBody(recorded({ request: { parsed, bytes: 5 } }), MOST)).toEqual({ text: null, bytes: 5, cut: false, redacted: true });
  });
});

describe('toAnswerBody', () => {
  it('is nothing where the client got nothing', () => {
    expect(toAnswerBody(recorded({}), MOST)).toBeUndefined();
  });

  it('is redacted as JSON, or as a stream', () => {
    const plain = toAnswerBody(recorded({ answer: whole('{"content":"secret"}') }), MOST);
    const stream = toAnswerBody(recorded({ isStream: true, answer: whole('data: {"content":"secret"}\n\n') }), MOST);
    const failed = toAnswerBody(recorded({ isStream: true, answer: whole('{"error":{"message":"secret"}}') }), MOST);

    expect(plain).toEqual({ text: '{"content":"[redacted: 6]"}', bytes: 20, cut: false, redacted: true });
    expect(stream!.text).toBe('data: {"content":"[redacted: 6]"}\n\n');
    expect(failed!.text).toBe('{"error":{"message":"[redacted: 6]"}}');
  });

  it('is its length alone where it cannot be read', () => {
    const answer = { kept: Buffer.from('{"content":"sec'), bytes: 20 };

    expect(toAnswerBody(recorded({ answer }), MOST)).toEqual({ text: null, bytes: 20, cut: false, redacted: true });
  });

  it('says of a stream that it was cut, in front of redaction or behind', () => {
    const answer = { kept: Buffer.from('data: {"content":"a"}\n\ndata: {"cont'), bytes: 80 };

    expect(toAnswerBody(recorded({ isStream: true, answer }), MOST)).toEqual({
      text: 'data: {"content":"[redacted: 1]"}\n\ndata: [redacted: 6]',
      bytes: 80,
      cut: true,
      redacted: true,
    });
    expect(toAnswerBody(recorded({ isStream: true, answer: whole('data: {"content":"a"}\n\n') }), 5)).toMatchObject({
      text: 'data:',
      cut: true,
    });
  });
});

describe('packBody', () => {
  it('takes less room, and gives back the same', async () => {
    const body = { text: 'to be or not '.repeat(1_000), bytes: 13_000, cut: false, redacted: false };
    const packed = await packBody(body);

    expect(packed.length).toBeLessThan(500);
    expect(await unpackBody(packed)).toEqual(body);
  });
});
