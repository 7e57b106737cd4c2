import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AnswerReader } from '../../core/answer.js';
import type { ModelRequest } from '../../core/call.js';
import { ANTHROPIC_MESSAGES } from './anthropic-messages.dialect.js';

const relay = (stream: boolean) => ANTHROPIC_MESSAGES.relay({ stream } as ModelRequest);
const frame = (type: string, rest = '') => `event: ${type}\ndata: {"type":"${type}"${rest}}\n\n`;
const START = frame('message_start', ',"message":{"id":"msg_1","brand_new":1.0,"usage":{"input_tokens":9,"output_tokens":1}}');
const TEXT =
  frame('content_block_start', ',"index":0,"content_block":{"type":"text","text":""}') +
  frame('content_block_delta', ',"index":0,"delta":{"type":"text_delta","text":"Grüße 👋"}') +
  frame('content_block_stop', ',"index":0');
const TOOL =
  frame('content_block_start', ',"index":1,"content_block":{"type":"tool_use","id":"a","name":"f","input":{}}') +
  frame('content_block_delta', String.raw`,"index":1,"delta":{"type":"input_json_delta","partial_json":"{\"a\":1}"}`) +
  frame('content_block_stop', ',"index":1');
const DELTA = frame('message_delta', ',"delta":{"stop_reason":"end_turn"},"usage":{"output_tokens":3}');
const STOP = frame('message_stop');
const WHOLE = `: hello\n\n${frame('ping')}${START}${TEXT}${frame('brand_new', ',"x":[1]')}${TOOL}${DELTA}${STOP}`;

function fed(reader: AnswerReader, text: string, cuts: readonly number[] = []): string {
  const bytes = Buffer.from(text);
  const marks = [0, ...cuts.map((cut) => cut % bytes.length).toSorted((a, b) => a - b), bytes.length];
  return Buffer.concat(marks.slice(1).map((end, i) => reader.read(Buffer.from(bytes.subarray(marks[i], end))))).toString();
}

describe('the relay of a Messages stream', () => {
  it('gives every frame on byte for byte, however the bytes are cut, and reads along', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 12 }), fc.boolean(), (cuts, isCrLf) => {
        const text = isCrLf ? WHOLE.replaceAll('\n', '\r\n') : WHOLE;
        const reader = relay(true);

        expect(fed(reader, text, cuts)).toBe(text);
        expect(reader.isDone).toBe(true);
        expect(reader.end()).toHaveLength(0);
        expect(reader.reading.usage).toMatchObject({ input: 9, output: 3 });
        expect(reader.reading.generatedText()).toBe('Grüße 👋f{"a":1}');
      }),
    );
  });

  it('gives nothing away before the answer begins, and only whole frames', () => {
    const reader = relay(true);

    expect(fed(reader, `: hello\n\n${frame('ping')}`)).toBe('');
    expect(fed(reader, START + TEXT.slice(0, 20))).toBe(`: hello\n\n${frame('ping')}${START}`);
  });

  it('gives nothing on after the end', () => {
    const reader = relay(true);

    expect(fed(reader, `${START}${DELTA}${STOP}${frame('ping')}`)).toBe(START + DELTA + STOP);
    expect(fed(reader, frame('ping'))).toBe('');
  });

  it('knows no usage before the answer has ended: the first figures are no result', () => {
    const reader = relay(true);
    fed(reader, START + TEXT);

    expect(reader.reading.usage).toBeUndefined();
    expect(reader.reading.generatedText()).toBe('Grüße 👋');
  });

  it('throws what goes wrong before the answer begins, so that another target can be asked', () => {
    const error = frame('error', ',"error":{"type":"overloaded_error","message":"Overloaded"}');

    expect(() => fed(relay(true), frame('ping') + error)).toThrow(expect.objectContaining({ kind: 'upstream_unavailable' }));
    expect(() => relay(true).end()).toThrow(expect.objectContaining({ kind: 'upstream_protocol' }));
  });

  it.each([
    ['an error', frame('error', ',"error":{"type":"overloaded_error","message":"Overloaded"}'), 'upstream_unavailable'],
    ['an event that is not JSON', 'data: {"type"\n\n', 'upstream_protocol'],
    ['an index twice', frame('content_block_start', ',"index":0,"content_block":{"type":"text","text":""}'), 'upstream_protocol'],
    ['an end without a reason', STOP, 'upstream_protocol'],
  ])('stops at %s in the middle, and keeps it for the client', (_, bad, kind) => {
    const reader = relay(true);

    expect(fed(reader, START + TEXT + bad + DELTA + STOP)).toBe(START + TEXT);
    expect(reader.failure?.kind).toBe(kind);
    expect(reader.isDone).toBe(false);
    expect(fed(reader, STOP)).toBe('');
  });

  it('refuses to call a cut stream whole', () => {
    const reader = relay(true);
    fed(reader, START + TEXT + DELTA);

    expect(() => reader.end()).toThrow(expect.objectContaining({ kind: 'upstream_protocol' }));
  });

  it.each(['', '\n', '\r\n'])('completes a last frame that ends in %j instead of its blank line', (end) => {
    const reader = relay(true);
    fed(reader, START + DELTA + STOP.trimEnd() + end);

    expect(reader.end().toString()).toBe(`${STOP.trimEnd()}${end}${end === '' ? '\n\n' : '\n'}`);
    expect(reader.isDone).toBe(true);
  });
});

describe('the relay of a plain answer', () => {
  const ANSWER =
    '{ "type":"message","brand_new":1.0,"content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn","usage":{"input_tokens":9,"cache_read_input_tokens":4,"output_tokens":3}}\n';

  it('is the very bytes, when they are whole', () => {
    const reader = relay(false);

    expect(fed(reader, ANSWER, [7, 90])).toBe('');
    expect(reader.end().toString()).toBe(ANSWER);
    expect(reader.reading.usage).toMatchObject({ input: 9, cacheRead: 4, output: 3 });
    expect(reader.reading.generatedText()).toBe('hi');
  });

  it.each([
    [ANSWER.slice(0, -4), 'upstream_protocol'],
    ['{"type":"error","error":{"type":"rate_limit_error","message":"x"}}', 'upstream_rate_limited'],
  ])('throws for %s', (body, kind) => {
    const reader = relay(false);
    fed(reader, body);

    expect(() => reader.end()).toThrow(expect.objectContaining({ kind }));
  });
});
