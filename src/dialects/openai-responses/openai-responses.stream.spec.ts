import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AnswerReader } from '../../core/answer.js';
import { GatewayError } from '../../core/errors.js';
import type { ModelRequest } from '../../core/call.js';
import { OPENAI_RESPONSES } from './openai-responses.dialect.js';

const relay = (stream: boolean): AnswerReader => OPENAI_RESPONSES.relay({ stream } as ModelRequest);
const frame = (event: Record<string, unknown>): string => `event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`;
const USAGE = { input_tokens: 9, input_tokens_details: { cached_tokens: 4 }, output_tokens: 3, total_tokens: 12, cost: 0.25 };
const CREATED = frame({ type: 'response.created', sequence_number: 0, response: { id: 'resp_1', output: [] } });
const CALL = frame({ type: 'response.output_item.added', output_index: 0, item: { type: 'function_call', name: 'look_up' } });
const DELTA = frame({ type: 'response.output_text.delta', output_index: 0, delta: 'grüß', obfuscation: 'abc' });
const AUDIO = frame({ type: 'response.audio.delta', delta: 'AAAA' });
const ends = (type: string, more = {}) => frame({ type: `response.${type}`, response: { id: 'resp_1', usage: USAGE, ...more } });

function pump(reader: AnswerReader, bytes: Buffer, cuts: readonly number[] = []): Buffer {
  const out: Buffer[] = [];
  let from = 0;
  for (const cut of [...cuts, bytes.length]) {
    out.push(reader.read(bytes.subarray(from, cut)));
    from = cut;
  }
  return Buffer.concat(out);
}

describe('a relayed Responses stream', () => {
  const whole = `: hello\n\n${CREATED}${CALL}\r\n${DELTA.replaceAll('\n', '\r\n')}${AUDIO}data: {"type":"from.tomorrow"}\n\n${ends('completed')}`;

  it('goes on byte for byte in whole frames, however it is cut, and is metered', () => {
    const bytes = Buffer.from(whole);

    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: bytes.length }), { maxLength: 12 }), (cuts) => {
        const reader = relay(true);
        const out = pump(
          reader,
          bytes,
          cuts.sort((a, b) => a - b),
        );

        expect(out.toString()).toBe(whole);
        expect(reader.isDone).toBe(true);
        expect(reader.reading.usage).toMatchObject({ input: 5, cacheRead: 4, output: 3 });
        expect(reader.reading.costNanoUsd).toBe(250_000_000n);
        expect(reader.reading.generatedText()).toBe('look_upgrüß');
      }),
    );
  });

  it.each(['completed', 'incomplete', 'failed'])('is done at response.%s, whatever follows', (type) => {
    const reader = relay(true);
    const out = pump(reader, Buffer.from(`${CREATED}${ends(type)}data: junk\n\n`));

    expect(out.toString()).toBe(CREATED + ends(type));
    expect(reader.isDone).toBe(true);
    expect(reader.failure).toBeUndefined();
    expect(reader.reading.usage?.output).toBe(3);
    expect(reader.end()).toHaveLength(0);
  });

  it('passes on what waits in the background', () => {
    const queued = frame({ type: 'response.queued', response: { status: 'queued' } });

    expect(pump(relay(true), Buffer.from(queued)).toString()).toBe(queued);
  });

  it.each([
    ['flat', { type: 'error', code: 'rate_limit_exceeded', message: 'slow down', param: null }],
    ['nested', { type: 'error', error: { type: 'tokens', code: 'rate_limit_exceeded', message: 'slow down' } }],
    ['without a type', { error: { code: 'rate_limit_exceeded', message: 'slow down' } }],
  ])('fails at an error event that is %s', (_, event) => {
    const reader = relay(true);
    const out = pump(reader, Buffer.from(CREATED + frame(event)));

    expect(out.toString()).toBe(CREATED);
    expect(reader.failure).toMatchObject({ kind: 'upstream_rate_limited', message: 'slow down' });
    expect(() => relay(true).read(Buffer.from(frame(event)))).toThrow('slow down');
  });

  it('is a failed attempt when it begins with its failure', () => {
    const failed = ends('failed', { error: { code: 'server_error', message: 'broken' } });

    expect(() => relay(true).read(Buffer.from(failed))).toThrow(
      expect.objectContaining({ kind: 'upstream_unavailable', message: 'broken' }),
    );
  });

  it('fails at what is not JSON', () => {
    const reader = relay(true);
    pump(reader, Buffer.from(`${CREATED}data: {"type":\n\n`));

    expect(reader.failure).toMatchObject({ kind: 'upstream_protocol' });
  });

  it.each([
    ['nothing', ''],
    ['comments', ': hm\n\n'],
    ['no end', CREATED + DELTA],
    ['a cut frame', CREATED + ends('completed').slice(0, -20)],
    ['the word of another dialect', `${CREATED}data: [DONE]\n\n`],
  ])('is no answer when its body ends with %s', (_, body) => {
    const reader = relay(true);
    pump(reader, Buffer.from(body));

    expect(() => reader.end()).toThrow(expect.objectContaining({ kind: 'upstream_protocol' }));
  });

  it('takes a last frame that lacks its blank line', () => {
    const reader = relay(true);
    const out = pump(reader, Buffer.from(CREATED + ends('completed').trimEnd()));

    expect(out.toString() + reader.end().toString()).toBe(CREATED + ends('completed'));
    expect(reader.reading.usage?.output).toBe(3);
  });
});

describe('a relayed plain response', () => {
  const pumped = (body: unknown) => {
    const reader = relay(false);
    const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
    pump(reader, bytes, [3]);
    return { reader, bytes };
  };

  it('goes on untouched and is metered', () => {
    const output = [
      { type: 'message', id: 'msg_1', content: [{ type: 'output_text', text: 'hi' }] },
      { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
    ];
    const { reader, bytes } = pumped({ object: 'response', status: 'completed', output, usage: USAGE });

    expect(reader.end().equals(bytes)).toBe(true);
    expect(reader.reading.usage).toMatchObject({ input: 5, cacheRead: 4, output: 3 });
    expect(reader.reading.generatedText()).toBe('hi\nf\n{}');
  });

  it.each(['queued', 'failed'])('goes on when it is %s', (status) => {
    const { reader, bytes } = pumped({ object: 'response', status, output: [], usage: null, error: status === 'failed' ? {} : null });

    expect(reader.end().equals(bytes)).toBe(true);
    expect(reader.reading.usage).toBeUndefined();
  });

  it.each([
    ['an error', { error: { code: 'rate_limit_exceeded', message: 'slow down' } }, 'upstream_rate_limited'],
    ['another object', { object: 'list' }, 'upstream_protocol'],
    ['no JSON', '<html>', 'upstream_protocol'],
  ])('is refused when it is %s', (_, body, kind) => {
    expect(() => pumped(body).reader.end()).toThrow(expect.objectContaining({ kind }));
  });
});

describe('errors of the dialect', () => {
  const error = new GatewayError('upstream_protocol', 'It broke.', { param: 'input[0]' });

  it('are told in the shape of OpenAI', () => {
    const { status, body } = OPENAI_RESPONSES.toError(error, 'req_1');

    expect(status).toBe(502);
    expect(JSON.parse(body)).toMatchObject({ error: { code: 'upstream_protocol', message: 'It broke.', param: 'input[0]' } });
  });

  it('end a stream both flat and nested, with a number above all others', () => {
    const text = OPENAI_RESPONSES.toErrorFrame(error, 'req_1');
    const event = JSON.parse(text.slice(text.indexOf('{'))) as Record<string, unknown>;

    expect(text).toMatch(/^event: error\ndata: \{.*\}\n\n$/);
    expect(event).toMatchObject({ type: 'error', code: 'upstream_protocol', message: 'It broke.', param: 'input[0]' });
    expect(event).toMatchObject({ sequence_number: 2_147_483_647, error: { code: 'upstream_protocol', type: 'server_error' } });
  });
});
