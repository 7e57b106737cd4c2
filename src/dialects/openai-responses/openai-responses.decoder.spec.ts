import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AnswerEvent } from '../../core/answer-event.js';
import { NO_USAGE } from '../../core/usage.js';
import { wrapProof } from '../reasoning-proof.js';
import { RESPONSES_CODEC } from './openai-responses.dialect.js';

type Wire = Record<string, unknown>;
const frame = (event: Wire): string => `event: ${String(event['type'])}\ndata: ${JSON.stringify(event)}\n\n`;
const stream = (...events: Wire[]): string => events.map(frame).join('');
const USAGE = {
  input_tokens: 100,
  input_tokens_details: { cached_tokens: 60, cache_write_tokens: 30 },
  output_tokens: 20,
  output_tokens_details: { reasoning_tokens: 15 },
  total_tokens: 120,
};
const USED = { ...NO_USAGE, input: 10, cacheRead: 60, cacheWrite5m: 30, output: 20, reasoning: 15 };
const created: Wire = { type: 'response.created', response: { model: 'gpt', service_tier: 'default', status: 'in_progress', output: [] } };
const added = (index: number, item: Wire): Wire => ({ type: 'response.output_item.added', output_index: index, item });
const done = (index: number, item: Wire): Wire => ({ type: 'response.output_item.done', output_index: index, item });
const delta = (index: number, text: string, type = 'output_text'): Wire => ({
  type: `response.${type}.delta`,
  output_index: index,
  delta: text,
});
const ended = (type: string, response: Wire = {}): Wire => ({ type: `response.${type}`, response: { usage: USAGE, ...response } });

function decode(bytes: Buffer | string, isStream = true, cuts: readonly number[] = []): AnswerEvent[] {
  const events: AnswerEvent[] = [];
  const decoder = RESPONSES_CODEC.decoder(isStream, (event) => events.push(event));
  const whole = Buffer.from(bytes as string);
  let from = 0;
  for (const cut of [...cuts, whole.length]) {
    decoder.read(whole.subarray(from, cut));
    from = cut;
  }
  decoder.end();
  return events;
}

/** Pieces of the same thing as one, for how many there were is not what an answer says. */
function joined(events: readonly AnswerEvent[]): AnswerEvent[] {
  const out: AnswerEvent[] = [];
  for (const event of events) {
    const last = out.at(-1);
    if (last && 'text' in last && 'text' in event && last.kind === event.kind)
      out[out.length - 1] = { ...event, text: last.text + event.text };
    else out.push(event);
  }
  return out;
}

const OUTPUT: Wire[] = [
  {
    type: 'reasoning',
    id: 'rs_1',
    summary: [
      { type: 'summary_text', text: 'hm' },
      { type: 'summary_text', text: 'so' },
    ],
    encrypted_content: 'gAAA',
  },
  {
    type: 'message',
    id: 'msg_1',
    role: 'assistant',
    content: [
      { type: 'output_text', text: 'Grüße 🎈', annotations: [{ type: 'url_citation', url: 'https://a.test', title: 'A' }], logprobs: [] },
      { type: 'refusal', refusal: 'but no' },
    ],
  },
  { type: 'function_call', id: 'fc_1', call_id: 'call_1', name: 'f', arguments: '{"a":1}' },
  { type: 'custom_tool_call', id: 'ctc_1', call_id: 'call_2', name: 'g', input: 'free' },
  { type: 'web_search_call', id: 'ws_1' },
];
const EVENTS: AnswerEvent[] = [
  { kind: 'start', model: 'gpt', serviceTier: 'default' },
  { kind: 'reasoning', choice: 0, text: 'hm\n\nso' },
  { kind: 'reasoning_proof', choice: 0, proof: { maker: 'openai', kind: 'signature', value: 'gAAA', id: 'rs_1' } },
  { kind: 'text', choice: 0, text: 'Grüße 🎈' },
  { kind: 'citation', choice: 0, citation: { url: 'https://a.test', title: 'A' } },
  { kind: 'refusal', choice: 0, text: 'but no' },
  { kind: 'tool_call', choice: 0, call: 0, id: 'call_1', name: 'f' },
  { kind: 'tool_arguments', choice: 0, call: 0, text: '{"a":1}' },
  { kind: 'tool_call', choice: 0, call: 1, id: 'call_2', name: 'g', isCustom: true },
  { kind: 'tool_arguments', choice: 0, call: 1, text: 'free' },
  { kind: 'finish', choice: 0, reason: 'tool_calls' },
  { kind: 'usage', usage: USED },
  { kind: 'end' },
];
const STREAM = stream(
  created,
  { type: 'response.in_progress', response: {} },
  added(0, { type: 'reasoning', id: 'rs_1', summary: [] }),
  { type: 'response.reasoning_summary_part.added', output_index: 0, summary_index: 0, part: { type: 'summary_text', text: '' } },
  { type: 'response.reasoning_summary_text.delta', output_index: 0, summary_index: 0, delta: 'h' },
  { type: 'response.reasoning_summary_text.delta', output_index: 0, summary_index: 0, delta: 'm' },
  { type: 'response.reasoning_summary_text.done', output_index: 0, summary_index: 0, text: 'hm' },
  { type: 'response.reasoning_summary_text.delta', output_index: 0, summary_index: 1, delta: 'so' },
  done(0, OUTPUT[0]!),
  added(1, { type: 'message', id: 'msg_1', role: 'assistant', content: [] }),
  { type: 'response.content_part.added', output_index: 1, content_index: 0, part: { type: 'output_text', text: '' } },
  { ...delta(1, 'Grü'), content_index: 0, logprobs: [], obfuscation: 'x' },
  { ...delta(1, 'ße 🎈'), content_index: 0 },
  {
    type: 'response.output_text.annotation.added',
    output_index: 1,
    content_index: 0,
    annotation_index: 0,
    annotation: { type: 'url_citation', url: 'https://a.test', title: 'A' },
  },
  { type: 'response.output_text.done', output_index: 1, content_index: 0, text: 'Grüße 🎈' },
  { ...delta(1, 'but no', 'refusal'), content_index: 1 },
  done(1, OUTPUT[1]!),
  added(2, { ...OUTPUT[2], arguments: '' }),
  delta(2, '{"a"', 'function_call_arguments'),
  delta(2, ':1}', 'function_call_arguments'),
  { type: 'response.function_call_arguments.done', output_index: 2, arguments: '{"a":1}' },
  done(2, OUTPUT[2]!),
  added(3, { ...OUTPUT[3], input: '' }),
  delta(3, 'free', 'custom_tool_call_input'),
  done(3, OUTPUT[3]!),
  added(4, OUTPUT[4]!),
  { type: 'response.web_search_call.searching', output_index: 4 },
  done(4, OUTPUT[4]!),
  { type: 'from.tomorrow' },
  ended('completed', { output: OUTPUT }),
);

describe('a Responses stream that is read', () => {
  it('tells everything once, the same as a plain answer', () => {
    const plain = { object: 'response', status: 'completed', model: 'gpt', service_tier: 'default', output: OUTPUT, usage: USAGE };

    expect(joined(decode(STREAM))).toEqual(EVENTS);
    expect(decode(JSON.stringify(plain), false)).toEqual(
      EVENTS.flatMap((event): AnswerEvent[] => {
        if (event.kind === 'usage') return [{ ...event, serviceTier: 'default' }];
        return event.kind === 'reasoning' ? ['hm', '\n\nso'].map((text) => ({ ...event, text })) : [event];
      }),
    );
  });

  it.each([
    ['LF', STREAM],
    ['CRLF and comments', `: hm\r\n\r\n${STREAM.replaceAll('\n', '\r\n')}`],
    ['no space, no event lines', STREAM.replaceAll('data: ', 'data:').replaceAll(/event: .*\n/g, '')],
  ])('tells the same however its bytes are cut: %s', (_, text) => {
    const bytes = Buffer.from(text);
    const whole = decode(bytes);

    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 0, max: bytes.length }), { maxLength: 20 }), (cuts) => {
        expect(
          decode(
            bytes,
            true,
            cuts.sort((a, b) => a - b),
          ),
        ).toEqual(whole);
      }),
      { numRuns: 50 },
    );
    expect(
      decode(
        bytes,
        true,
        Array.from(bytes, (__, i) => i),
      ),
    ).toEqual(whole);
    expect(joined(whole)).toEqual(EVENTS);
  });

  it('may interleave its items', () => {
    const call = (id: string, args: string): Wire => ({ type: 'function_call', id, call_id: `call_${id}`, name: 'f', arguments: args });
    const events = decode(
      stream(
        created,
        added(0, call('a', '')),
        added(1, call('b', '')),
        delta(1, '{', 'function_call_arguments'),
        delta(0, '[', 'function_call_arguments'),
        delta(1, '}', 'function_call_arguments'),
        done(1, call('b', '{}')),
        done(0, call('a', '[]')),
        ended('completed'),
      ),
    );

    expect(events.flatMap((event) => (event.kind === 'tool_arguments' ? [[event.call, event.text]] : []))).toEqual([
      [1, '{'],
      [0, '['],
      [1, '}'],
      [0, ']'],
    ]);
  });

  it.each([
    ['only whole items', stream(created, ...OUTPUT.map((item, i) => done(i, item)), ended('completed'))],
    ['only the end', stream(created, ended('completed', { output: OUTPUT }))],
  ])('may consist of %s', (_, text) => {
    expect(joined(decode(text))).toEqual(EVENTS);
  });

  it('hands on probabilities with the text that they belong to', () => {
    const logprobs = [{ token: 'a', logprob: -1, bytes: [97], top_logprobs: [] }];
    const message = { type: 'message', content: [{ type: 'output_text', text: 'a', logprobs }] };
    const events = decode(
      stream(created, added(0, { type: 'message' }), { ...delta(0, 'a'), logprobs }, done(0, message), ended('completed')),
    );

    expect(events.filter(({ kind }) => kind === 'text')).toEqual([{ kind: 'text', choice: 0, text: 'a', logprobs }]);
  });

  it("unwraps another maker's proof, and none where there was none", () => {
    const proof = { maker: 'anthropic' as const, kind: 'redacted' as const, value: 'x' };
    const thought = (encrypted: string): Wire => ({ type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: encrypted });
    const events = decode(stream(created, done(0, thought(wrapProof(proof))), done(1, thought('tollgate.unsigned')), ended('completed')));

    expect(events.filter(({ kind }) => kind === 'reasoning_proof')).toEqual([{ kind: 'reasoning_proof', choice: 0, proof }]);
  });

  it.each([
    ['completed', {}, 'stop'],
    ['incomplete', { incomplete_details: { reason: 'max_output_tokens' } }, 'length'],
    ['incomplete', { incomplete_details: { reason: 'content_filter' } }, 'content_filter'],
  ])('that is %s with %j has finished for %s', (type, more, reason) => {
    const message = { type: 'message', content: [{ type: 'output_text', text: 'a' }] };
    const plain = { object: 'response', status: type, output: [message], ...more };

    expect(decode(stream(created, done(0, message), ended(type, more)))).toContainEqual({ kind: 'finish', choice: 0, reason });
    expect(decode(JSON.stringify(plain), false)).toContainEqual({ kind: 'finish', choice: 0, reason });
  });

  it('believes the whole where parts of the usage exceed it, and OpenRouter about its price', () => {
    const usage = { input_tokens: 5, input_tokens_details: { cached_tokens: 9 }, output_tokens: 1, cost: 0.001 };

    expect(decode(stream(created, ended('completed', { usage })))).toContainEqual({
      kind: 'usage',
      usage: { ...USED, input: 0, cacheRead: 5, cacheWrite5m: 0, output: 1, reasoning: 0 },
      costNanoUsd: 1_000_000n,
    });
  });

  it.each([
    ['malformed JSON', `${frame(created)}data: {"type":\n\n`],
    ['the same item twice', stream(created, added(0, { type: 'message' }), added(0, { type: 'message' }))],
    ['an item ended twice', stream(created, done(0, OUTPUT[2]!), done(0, OUTPUT[2]!))],
    ['an item ended as another', stream(created, added(0, { type: 'message' }), done(0, OUTPUT[2]!))],
    ['a piece of an unknown item', stream(created, delta(3, 'a'))],
    ['an item without index', stream(created, { type: 'response.output_item.added', item: { type: 'message' } })],
    ['a piece that is no text', stream(created, added(0, { type: 'message' }), { ...delta(0, ''), delta: 5 })],
    ['a call without a name', stream(created, added(0, { type: 'function_call', call_id: 'c' }))],
    ['no end', stream(created, added(0, { type: 'message' }), delta(0, 'a'))],
    ['an end that is not its own', `${stream(created)}data: [DONE]\n\n`],
    ['nothing', ''],
  ])('is no answer with %s', (_, text) => {
    expect(() => decode(text)).toThrow(expect.objectContaining({ kind: 'upstream_protocol' }));
  });

  it.each([
    ['flat', { type: 'error', code: 'rate_limit_exceeded', message: 'slow down' }, 'upstream_rate_limited'],
    ['nested', { type: 'error', error: { type: 'server_error', message: 'broken' } }, 'upstream_unavailable'],
    ['failed', ended('failed', { error: { code: 'rate_limit_exceeded', message: 'slow down' } }), 'upstream_rate_limited'],
    ['failed', ended('failed', { error: { code: 'context_length_exceeded', message: 'too long' } }), 'context_length_exceeded'],
    ['failed', ended('failed', { error: { code: 'invalid_prompt', message: 'not that' } }), 'upstream_rejected'],
  ])('throws an error that is %s, and has told nothing before it but what it used', (_, event, kind) => {
    const events: AnswerEvent[] = [];
    const decoder = RESPONSES_CODEC.decoder(true, (one) => events.push(one));

    expect(() => decoder.read(Buffer.from(stream(created, event)))).toThrow(expect.objectContaining({ kind }));
    expect(events).toEqual(event.type === 'error' ? [] : [{ kind: 'usage', usage: USED }]);
  });

  it('tells what a failed answer has used once it had begun', () => {
    const events: AnswerEvent[] = [];
    const decoder = RESPONSES_CODEC.decoder(true, (one) => events.push(one));

    expect(() => decoder.read(Buffer.from(stream(created, added(0, { type: 'message' }), ended('failed'))))).toThrow();
    expect(events.at(-1)).toEqual({ kind: 'usage', usage: USED });
  });
});

describe('a plain response that is read', () => {
  it.each([
    ['failed', { status: 'failed', output: [], error: { code: 'server_error', message: 'broken' } }, 'upstream_unavailable'],
    ['not over', { status: 'in_progress', output: [] }, 'upstream_protocol'],
    ['an error', { error: { message: 'no', type: 'invalid_request_error' } }, 'upstream_rejected'],
    ['no response', { object: 'list' }, 'upstream_protocol'],
  ])('throws when it is %s', (_, body, kind) => {
    expect(() => decode(JSON.stringify(body), false)).toThrow(expect.objectContaining({ kind }));
  });
});
