import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AnswerEvent } from '../../core/answer-event.js';
import type { GatewayError } from '../../core/errors.js';
import { inputTokensOf, NO_USAGE, outputTokensOf } from '../../core/usage.js';
import { wrapProof } from '../reasoning-proof.js';
import { ANTHROPIC_CODEC } from './anthropic-messages.dialect.js';

type Wire = Record<string, unknown>;

const frame = (event: Wire) => `event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`;
const MESSAGE = { id: 'msg_1', type: 'message', role: 'assistant', model: 'claude' };
const START = {
  type: 'message_start',
  message: { ...MESSAGE, content: [], stop_reason: null, usage: { input_tokens: 25, output_tokens: 1 } },
};
const STOP = { type: 'message_stop' };
const PING = { type: 'ping' };
const begin = (index: number, content_block: Wire) => ({ type: 'content_block_start', index, content_block });
const delta = (index: number, part: Wire) => ({ type: 'content_block_delta', index, delta: part });
const stop = (index: number) => ({ type: 'content_block_stop', index });
const ended = (stop_reason: string | null, usage: Wire = { output_tokens: 15 }) => ({
  type: 'message_delta',
  delta: { stop_reason, stop_sequence: null },
  usage,
});
const text = (value: string): AnswerEvent => ({ kind: 'text', choice: 0, text: value });
const call = (index: number, id: string): AnswerEvent => ({ kind: 'tool_call', choice: 0, call: index, id, name: 'f' });
const args = (index: number, value: string): AnswerEvent => ({ kind: 'tool_arguments', choice: 0, call: index, text: value });
const USAGE: AnswerEvent = { kind: 'usage', usage: { ...NO_USAGE, input: 25, output: 15 } };

/** Feeds bytes cut at the given positions and gives back what the decoder says. */
function decoded(wire: string, cuts: readonly number[] = [], stream = true): AnswerEvent[] {
  const events: AnswerEvent[] = [];
  const decoder = ANTHROPIC_CODEC.decoder(stream, (event) => events.push(event));
  const bytes = Buffer.from(wire);
  const marks = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  for (let i = 1; i < marks.length; i++) decoder.read(Buffer.from(bytes.subarray(marks[i - 1], marks[i])));
  decoder.end();
  return events;
}

const streamed = (...events: Wire[]) => decoded(events.map(frame).join(''));
const plain = (message: Wire) => decoded(JSON.stringify({ ...MESSAGE, ...message }), [], false);

function failure(run: () => unknown): GatewayError {
  try {
    run();
  } catch (error) {
    return error as GatewayError;
  }
  throw new Error('was accepted');
}

const WHOLE = [
  START,
  begin(0, { type: 'thinking', thinking: '', signature: '' }),
  PING,
  delta(0, { type: 'thinking_delta', thinking: 'hm ' }),
  delta(0, { type: 'thinking_delta', thinking: '🤔' }),
  delta(0, { type: 'signature_delta', signature: 'EqQB' }),
  stop(0),
  begin(1, { type: 'redacted_thinking', data: 'R' }),
  stop(1),
  begin(2, { type: 'text', text: '' }),
  delta(2, { type: 'text_delta', text: 'Grüße\r\n\n' }),
  delta(2, { type: 'citations_delta', citation: { type: 'web_search_result_location', url: 'https://x', title: 't', cited_text: 'c' } }),
  stop(2),
  begin(3, { type: 'server_tool_use', id: 'srv_1', name: 'web_search', input: {} }),
  delta(3, { type: 'input_json_delta', partial_json: '{"q":1}' }),
  stop(3),
  begin(4, { type: 'tool_use', id: 'toolu_1', name: 'f', input: {} }),
  delta(4, { type: 'input_json_delta', partial_json: '' }),
  delta(4, { type: 'input_json_delta', partial_json: '{"city":' }),
  { type: 'brand_new', index: 9 },
  delta(4, { type: 'input_json_delta', partial_json: '"Rom"}' }),
  stop(4),
  begin(5, { type: 'tool_use', id: 'toolu_2', name: 'f', input: {} }),
  stop(5),
  ended('tool_use'),
  STOP,
];
const SAID: AnswerEvent[] = [
  { kind: 'start', model: 'claude' },
  { kind: 'reasoning', choice: 0, text: 'hm ' },
  { kind: 'reasoning', choice: 0, text: '🤔' },
  { kind: 'reasoning_proof', choice: 0, proof: { maker: 'anthropic', kind: 'signature', value: 'EqQB' } },
  { kind: 'reasoning_proof', choice: 0, proof: { maker: 'anthropic', kind: 'redacted', value: 'R' } },
  text('Grüße\r\n\n'),
  { kind: 'citation', choice: 0, citation: { url: 'https://x', title: 't', citedText: 'c' } },
  call(0, 'toolu_1'),
  args(0, '{"city":'),
  args(0, '"Rom"}'),
  call(1, 'toolu_2'),
  args(1, '{}'),
  USAGE,
  { kind: 'finish', choice: 0, reason: 'tool_calls' },
  { kind: 'end' },
];

describe('the decoder of a streamed answer', () => {
  it('says the same wherever the bytes are cut, in lines of either kind, with comments between', () => {
    const wire = WHOLE.map(frame).join(': keep-alive\n\n');

    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 20 }), fc.boolean(), (cuts, isCrLf) => {
        expect(decoded(isCrLf ? wire.replaceAll('\n', '\r\n') : wire, cuts)).toEqual(SAID);
      }),
    );
  });

  it('understands data in several lines, without a space, and a last frame without its blank line', () => {
    const wire = [START, begin(0, { type: 'text', text: 'a' }), stop(0), ended('end_turn')].map(frame).join('');
    const odd = wire.replaceAll('data: ', 'data:').replaceAll('"index":0,', '"index":0,\ndata:');

    expect(decoded(`${odd}event: message_stop\ndata: {"type":"message_stop"}`)).toEqual([
      { kind: 'start', model: 'claude' },
      text('a'),
      USAGE,
      { kind: 'finish', choice: 0, reason: 'stop' },
      { kind: 'end' },
    ]);
  });

  it('reads nothing after the end', () => {
    const wire = [START, ended('end_turn'), STOP].map(frame).join('');

    expect(decoded(`${wire}data: [DONE]\n\n`)).toHaveLength(4);
  });

  it('takes a call that stands whole in its beginning, and one that nobody closed', () => {
    const events = streamed(START, begin(0, { type: 'tool_use', id: 'a', name: 'f', input: { x: 1 } }), ended('end_turn'), STOP);

    expect(events).toEqual([
      { kind: 'start', model: 'claude' },
      call(0, 'a'),
      USAGE,
      args(0, '{"x":1}'),
      { kind: 'finish', choice: 0, reason: 'tool_calls' },
      { kind: 'end' },
    ]);
  });

  it('unwraps the proof that another gateway wrapped', () => {
    const proof = { maker: 'openai', kind: 'signature', value: 'v' } as const;
    const events = streamed(
      START,
      begin(0, { type: 'thinking', thinking: 'a', signature: wrapProof(proof) }),
      stop(0),
      ended('end_turn'),
      STOP,
    );

    expect(events).toContainEqual({ kind: 'reasoning_proof', choice: 0, proof });
  });

  it.each<[string, Wire[], string]>([
    ['that just ends', [START, begin(0, { type: 'text', text: 'a' }), stop(0)], 'before the answer was finished'],
    ['that says nothing', [], 'before the answer was finished'],
    ['without message_delta', [START, STOP], 'without saying why'],
    ['with two beginnings', [START, START], 'began its answer twice'],
    ['with a block before the beginning', [begin(0, { type: 'text', text: '' })], 'before it began'],
    ['with one index twice', [START, begin(0, { type: 'text' }), stop(0), begin(0, { type: 'text' })], 'same index'],
    ['with a delta of a block that is not open', [START, delta(0, { type: 'text_delta', text: 'a' })], 'not open'],
    ['with a delta of a closed block', [START, begin(0, { type: 'text' }), stop(0), delta(0, {})], 'not open'],
    ['with an end of a block that is not open', [START, stop(3)], 'not open'],
    ['with a call without a name', [START, begin(0, { type: 'tool_use', id: 'a' })], 'without its id or name'],
    ['with a block without an index', [START, { type: 'content_block_start', content_block: { type: 'text' } }], 'without its index'],
  ])('refuses a stream %s', (_, events, message) => {
    const error = failure(() => streamed(...events));

    expect(error.kind).toBe('upstream_protocol');
    expect(error.message).toContain(message);
  });

  it.each(['{"type":"ping"', '[1]', 'x'])('refuses the event %s', (data) => {
    expect(failure(() => decoded(`${frame(START)}data: ${data}\n\n`))).toMatchObject({
      kind: 'upstream_protocol',
      message: expect.stringContaining('not JSON'),
    });
  });

  it('refuses a last frame that was cut in the middle', () => {
    const wire = [START, ended('end_turn'), STOP].map(frame).join('');

    expect(failure(() => decoded(wire.slice(0, -8))).message).toContain('before the answer was finished');
  });

  it.each([
    ['overloaded_error', 'upstream_unavailable'],
    ['rate_limit_error', 'upstream_rate_limited'],
    ['authentication_error', 'upstream_unavailable'],
    ['invalid_request_error', 'upstream_rejected'],
    ['timeout_error', 'upstream_timeout'],
    ['never_heard_of', 'upstream_unavailable'],
  ])('takes an event of the type error with %s for %s', (type, kind) => {
    const error = { type: 'error', error: { type, message: 'Said so.' }, request_id: null };

    expect(failure(() => streamed(START, error)).kind).toBe(kind);
  });

  it('takes a plain error in the place of a stream', () => {
    const body = JSON.stringify({ type: 'error', error: { type: 'rate_limit_error', message: 'Slow down.' } });

    expect(failure(() => decoded(body))).toMatchObject({ kind: 'upstream_rate_limited', message: 'Slow down.' });
  });
});

describe('the decoder of a plain answer', () => {
  const content = [
    { type: 'thinking', thinking: 'hm 🤔', signature: 'EqQB' },
    { type: 'redacted_thinking', data: 'R' },
    { type: 'text', text: 'Grüße\r\n\n', citations: [{ url: 'https://x', title: 't', cited_text: 'c' }] },
    { type: 'server_tool_use', id: 'srv_1', name: 'web_search', input: { q: 1 } },
    { type: 'tool_use', id: 'toolu_1', name: 'f', input: { city: 'Rom' } },
    { type: 'tool_use', id: 'toolu_2', name: 'f', input: {} },
  ];

  it('says what the stream of the same answer says', () => {
    const events = plain({ content, stop_reason: 'tool_use', stop_sequence: null, usage: { input_tokens: 25, output_tokens: 15 } });

    expect(joined(events)).toEqual(joined(SAID));
  });

  it.each([
    ['{"type":"error","error":{"type":"overloaded_error","message":"x"}}', 'upstream_unavailable'],
    ['{"type":"message"}', 'upstream_protocol'],
    ['{"choices":[]}', 'upstream_protocol'],
    ['<html>', 'upstream_protocol'],
    ['', 'upstream_protocol'],
  ])('refuses %s', (body, kind) => {
    expect(failure(() => decoded(body, [], false)).kind).toBe(kind);
  });
});

describe('why an answer ended', () => {
  it.each([
    ['end_turn', 'stop'],
    ['max_tokens', 'length'],
    ['model_context_window_exceeded', 'length'],
    ['refusal', 'content_filter'],
    ['pause_turn', 'pause'],
    ['brand_new', 'stop'],
    [null, 'stop'],
  ])('is told by %s as %s', (reason, finish) => {
    expect(streamed(START, ended(reason), STOP)).toContainEqual({ kind: 'finish', choice: 0, reason: finish });
  });

  it('names the text at which it stopped', () => {
    const events = plain({ content: [], stop_reason: 'stop_sequence', stop_sequence: 'END', usage: {} });

    expect(events).toContainEqual({ kind: 'finish', choice: 0, reason: 'stop_sequence', stopSequence: 'END' });
  });
});

describe('the usage of an answer', () => {
  const reported = (first: Wire, last: Wire) => {
    const events = streamed({ type: 'message_start', message: { ...MESSAGE, usage: first } }, ended('end_turn', last), STOP);
    return events.find((event) => event.kind === 'usage')?.usage;
  };

  it('is cumulative: present counters replace, absent ones stay', () => {
    const first = {
      input_tokens: 100,
      cache_read_input_tokens: 1000,
      cache_creation_input_tokens: 130,
      cache_creation: { ephemeral_5m_input_tokens: 30, ephemeral_1h_input_tokens: 100 },
      output_tokens: 1,
    };

    expect(reported(first, { output_tokens: 9, output_tokens_details: { thinking_tokens: 4 } })).toEqual({
      ...NO_USAGE,
      input: 100,
      cacheRead: 1000,
      cacheWrite5m: 30,
      cacheWrite1h: 100,
      output: 9,
      reasoning: 4,
    });
    expect(
      reported({ input_tokens: 1100, output_tokens: 1 }, { input_tokens: 100, cache_read_input_tokens: 1000, output_tokens: 2 }),
    ).toEqual({
      ...NO_USAGE,
      input: 100,
      cacheRead: 1000,
      output: 2,
    });
  });

  it('is unknown where nothing is reported, and while the answer has not ended', () => {
    expect(reported({}, {})).toBeUndefined();
    expect(reported({ input_tokens: -1, output_tokens: 'x' }, { output_tokens: null })).toBeUndefined();
  });

  it('has disjoint buckets that sum to the totals', () => {
    const count = fc.nat({ max: 1_000_000 });

    fc.assert(
      fc.property(fc.tuple(count, count, count, count, count, count), ([input, read, short, long, output, thinking]) => {
        const usage = reported(
          { input_tokens: input, cache_creation: { ephemeral_5m_input_tokens: short, ephemeral_1h_input_tokens: long } },
          {
            cache_read_input_tokens: read,
            cache_creation_input_tokens: short + long,
            output_tokens: output,
            output_tokens_details: { thinking_tokens: thinking },
          },
        )!;

        expect(inputTokensOf(usage)).toBe(input + read + short + long);
        expect([usage.cacheWrite5m, usage.cacheWrite1h]).toEqual([short, long]);
        expect(outputTokensOf(usage)).toBe(output);
        expect(usage.reasoning).toBe(Math.min(output, thinking));
      }),
    );
  });
});

/** Events with the pieces of one text, thought or call put together. */
function joined(events: readonly AnswerEvent[]): AnswerEvent[] {
  const out: AnswerEvent[] = [];
  for (const event of events) {
    const last = out.at(-1);
    const isPiece = (event.kind === 'text' || event.kind === 'reasoning' || event.kind === 'tool_arguments') && last?.kind === event.kind;
    if (isPiece && 'text' in last) out[out.length - 1] = { ...last, text: last.text + event.text };
    else out.push(event);
  }
  return out;
}
