import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AnswerEvent } from '../../core/answer-event.js';
import { NO_USAGE, type Usage } from '../../core/usage.js';
import { wrapProof } from '../reasoning-proof.js';
import { OPENAI_CHAT_CODEC } from './openai-chat.codec.js';
import { toUsage } from './openai-chat.usage.js';
import { toWireUsage } from './openai-chat.wire-usage.js';

const TERMS = { id: '1', createdSeconds: 7, model: 'm', stream: true, wantsUsage: false, request: {} };
type Terms = Partial<typeof TERMS>;

function write(events: readonly AnswerEvent[], terms: Terms): string {
  const encoder = OPENAI_CHAT_CODEC.encoder({ ...TERMS, ...terms });
  return events.map((event) => encoder.encode(event)).join('');
}

interface Chunk {
  readonly choices: { readonly index: number; readonly delta: Record<string, unknown>; readonly finish_reason: string | null }[];
  readonly usage?: unknown;
}

const chunksOf = (events: readonly AnswerEvent[], terms: Terms = {}) => {
  const frames = write(events, terms).split('\n\n');
  expect(frames.slice(-2)).toEqual(['data: [DONE]', '']);
  return frames.slice(0, -2).map((frame) => JSON.parse(frame.slice('data: '.length)) as Chunk);
};
const deltasOf = (events: readonly AnswerEvent[], terms?: Terms) =>
  chunksOf(events, terms).flatMap(({ choices }) => choices.map(({ delta }) => delta));
const completionOf = (events: readonly AnswerEvent[], terms: Terms = {}) =>
  JSON.parse(write(events, { stream: false, ...terms })) as { choices: { message: Record<string, unknown> }[] };
const messageOf = (events: readonly AnswerEvent[], terms: Terms = {}) => completionOf(events, terms).choices[0]!.message;

const START: AnswerEvent = { kind: 'start' };
const END: AnswerEvent = { kind: 'end' };
const FINISH: AnswerEvent = { kind: 'finish', choice: 0, reason: 'stop' };
const USAGE: Usage = { ...NO_USAGE, input: 5, cacheRead: 4, cacheWrite5m: 1, cacheWrite1h: 2, output: 3, reasoning: 2 };
const WIRE_USAGE = {
  prompt_tokens: 12,
  completion_tokens: 3,
  total_tokens: 15,
  prompt_tokens_details: { cached_tokens: 4, cache_write_tokens: 3, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 2, audio_tokens: 0 },
};
const text = (value: string): AnswerEvent => ({ kind: 'text', choice: 0, text: value });
const call = (number: number, id: string): AnswerEvent => ({ kind: 'tool_call', choice: 0, call: number, id, name: 'f' });
const piece = (number: number, value: string): AnswerEvent => ({ kind: 'tool_arguments', choice: 0, call: number, text: value });
const whole = (...events: AnswerEvent[]) => [START, ...events, FINISH, END];

describe('the encoder of a stream', () => {
  it('writes the frames that the protocol shows, byte for byte', () => {
    expect(write(whole(text('Hello'), { kind: 'usage', usage: USAGE }), { wantsUsage: true })).toBe(
      [
        '{"id":"chatcmpl-1","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"","refusal":null},"logprobs":null,"finish_reason":null}],"usage":null}',
        '{"id":"chatcmpl-1","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"delta":{"content":"Hello"},"logprobs":null,"finish_reason":null}],"usage":null}',
        '{"id":"chatcmpl-1","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"delta":{},"logprobs":null,"finish_reason":"stop"}],"usage":null}',
        `{"id":"chatcmpl-1","object":"chat.completion.chunk","created":7,"model":"m","choices":[],"usage":${JSON.stringify(WIRE_USAGE)}}`,
        '[DONE]',
      ]
        .map((data) => `data: ${data}\n\n`)
        .join(''),
    );
  });

  it('has no usage key at all for a client that did not ask', () => {
    expect(write(whole(text('a'), { kind: 'usage', usage: USAGE }), {})).not.toContain('usage');
  });

  it('reports usage that comes after the finish, and the last of several', () => {
    const usage = (output: number): AnswerEvent => ({ kind: 'usage', usage: { ...NO_USAGE, output } });

    const chunks = chunksOf([START, usage(1), text('a'), FINISH, usage(2), END], { wantsUsage: true });

    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { completion_tokens: 2 } });
    expect(chunks.filter(({ usage: report }) => report !== null)).toHaveLength(1);
  });

  it('says the model and tier that answered', () => {
    expect(chunksOf([{ kind: 'start', model: 'm-2', serviceTier: 'standard' }, text('a'), FINISH, END])[0]).toMatchObject({
      model: 'm-2',
      service_tier: 'default',
    });
  });

  it('tells id, type and name of a tool call once, before its arguments', () => {
    expect(deltasOf([START, call(0, 'c1'), piece(0, '{"a"'), piece(0, ':1}'), call(1, 'c2'), piece(1, '{}'), FINISH, END])).toEqual([
      { role: 'assistant', content: null, refusal: null },
      { tool_calls: [{ index: 0, id: 'c1', type: 'function', function: { name: 'f', arguments: '' } }] },
      { tool_calls: [{ index: 0, function: { arguments: '{"a"' } }] },
      { tool_calls: [{ index: 0, function: { arguments: ':1}' } }] },
      { tool_calls: [{ index: 1, id: 'c2', type: 'function', function: { name: 'f', arguments: '' } }] },
      { tool_calls: [{ index: 1, function: { arguments: '{}' } }] },
      {},
    ]);
  });

  it('begins each choice with its role, and finishes each', () => {
    const at = (choice: number): AnswerEvent[] => [
      { kind: 'text', choice, text: 'a' },
      { kind: 'finish', choice, reason: choice === 0 ? 'length' : 'content_filter' },
    ];

    const choices = chunksOf([START, ...at(0), ...at(1), END]).flatMap((chunk) => chunk.choices);

    expect(choices.filter(({ delta }) => 'role' in delta).map(({ index }) => index)).toEqual([0, 1]);
    expect(choices.filter((one) => one.finish_reason).map((one) => [one.index, one.finish_reason])).toEqual([
      [0, 'length'],
      [1, 'content_filter'],
    ]);
  });

  it('makes an answer that says nothing look like one', () => {
    expect(deltasOf(whole())).toEqual([{ role: 'assistant', content: '', refusal: null }, {}]);
  });
});

describe('the encoder of an answer, streamed and plain', () => {
  it('gives thoughts with their proofs in one place, to be sent back', () => {
    const openai = { maker: 'openai', kind: 'redacted', value: 'enc', id: 'rs_1' } as const;
    const events = whole(
      { kind: 'reasoning', choice: 0, text: 'h' },
      { kind: 'reasoning', choice: 0, text: 'm' },
      { kind: 'reasoning_proof', choice: 0, proof: { maker: 'anthropic', kind: 'signature', value: 'sig' } },
      { kind: 'reasoning', choice: 0, text: 'so' },
      { kind: 'reasoning_proof', choice: 0, proof: openai },
      text('a'),
    );
    const signed = { type: 'reasoning.text', text: 'hm', signature: 'sig' };
    const encrypted = [
      { type: 'reasoning.summary', summary: 'so' },
      { type: 'reasoning.encrypted', data: wrapProof(openai), id: 'rs_1' },
    ];

    expect(messageOf(events)).toMatchObject({ content: 'a', reasoning_content: 'hmso', reasoning_details: [signed, ...encrypted] });
    expect(deltasOf(events).slice(1, 6)).toEqual([
      { reasoning_content: 'h' },
      { reasoning_content: 'm' },
      { reasoning_content: 'so' },
      { reasoning_details: [signed, ...encrypted] },
      { content: 'a' },
    ]);
    const { messages } = OPENAI_CHAT_CODEC.decodeRequest({ messages: [messageOf(events)] });
    expect(messages[0]).toMatchObject({
      parts: [{ text: 'hm', proof: { value: 'sig' } }, { text: 'so', proof: openai }, { text: 'a' }],
    });
  });

  it('gives the proof of a thought that nothing follows', () => {
    const events = whole({ kind: 'reasoning_proof', choice: 0, proof: { maker: 'anthropic', kind: 'redacted', value: 'red' } });

    expect(deltasOf(events)).toEqual([
      { role: 'assistant', content: '', refusal: null },
      { reasoning_details: [{ type: 'reasoning.encrypted', data: expect.any(String) }] },
      {},
    ]);
  });

  it('says where a text comes from', () => {
    const cite = (url: string | undefined): AnswerEvent => ({ kind: 'citation', choice: 0, citation: { url, title: 't', citedText: 'c' } });
    const note = (url: string, start_index: number, end_index: number) => ({
      type: 'url_citation',
      url_citation: { url, title: 't', start_index, end_index, content: 'c' },
    });
    const events = whole(text('abc'), cite('https://1'), cite('https://2'), cite(undefined), text('de'), cite('https://3'));

    expect(messageOf(events)).toMatchObject({ annotations: [note('https://1', 0, 3), note('https://2', 0, 3), note('https://3', 3, 5)] });
    expect(deltasOf(events).flatMap((delta) => delta['annotations'] ?? [])).toEqual(messageOf(events)['annotations']);
  });

  it('says why it ended, tools before all else', () => {
    const reasons = (events: AnswerEvent[], terms: Terms = {}) => [
      (completionOf(events, terms).choices[0] as unknown as { finish_reason: string }).finish_reason,
      chunksOf(events, terms).at(-1)!.choices[0]!.finish_reason,
    ];
    const ended = (reason: Extract<AnswerEvent, { kind: 'finish' }>['reason'], ...events: AnswerEvent[]): AnswerEvent[] => [
      START,
      ...events,
      { kind: 'finish', choice: 0, reason },
      END,
    ];

    expect(reasons(ended('stop_sequence'))).toEqual(['stop', 'stop']);
    expect(reasons(ended('pause'))).toEqual(['stop', 'stop']);
    expect(reasons(ended('stop', call(0, 'c')))).toEqual(['tool_calls', 'tool_calls']);
    expect(reasons(ended('length', call(0, 'c')))).toEqual(['length', 'length']);
    expect(reasons(ended('tool_calls', call(0, 'c')), { request: { functions: [{ name: 'f' }] } })).toEqual([
      'function_call',
      'function_call',
    ]);
  });

  it('answers the deprecated functions in their own way', () => {
    const terms = { request: { functions: [{ name: 'f' }] } };
    const events = whole(call(0, 'c1'), piece(0, '{"a":'), piece(0, '1}'));

    expect(messageOf(events, terms)).toEqual({
      role: 'assistant',
      content: null,
      refusal: null,
      function_call: { name: 'f', arguments: '{"a":1}' },
    });
    expect(deltasOf(events, terms).slice(1, 4)).toEqual([
      { function_call: { name: 'f', arguments: '' } },
      { function_call: { arguments: '{"a":' } },
      { function_call: { arguments: '1}' } },
    ]);
  });

  it('carries probabilities and custom tools', () => {
    const token = { token: 'a', logprob: -1 };
    const custom: AnswerEvent = { kind: 'tool_call', choice: 0, call: 0, id: 'c', name: 'sh', isCustom: true };
    const events = whole({ kind: 'text', choice: 0, text: 'a', logprobs: [token] }, custom, piece(0, 'ls'));

    expect(completionOf(events).choices[0]).toMatchObject({
      logprobs: { content: [token], refusal: null },
      message: { content: 'a', tool_calls: [{ id: 'c', type: 'custom', custom: { name: 'sh', input: 'ls' } }] },
    });
    expect(chunksOf(events)[1]!.choices[0]).toMatchObject({ delta: { content: 'a' }, logprobs: { content: [token], refusal: null } });
    expect(deltasOf(events).slice(2, 4)).toEqual([
      { tool_calls: [{ index: 0, id: 'c', type: 'custom', custom: { name: 'sh', input: '' } }] },
      { tool_calls: [{ index: 0, custom: { input: 'ls' } }] },
    ]);
  });

  it('says the same either way', () => {
    fc.assert(
      fc.property(answers, (events) => {
        expect(readBack(write(events, { wantsUsage: true }), true)).toEqual(readBack(write(events, { stream: false }), false));
      }),
    );
  });
});

describe('the encoder of a plain answer', () => {
  it('writes a whole completion, and nothing before the end', () => {
    const encoder = OPENAI_CHAT_CODEC.encoder({ ...TERMS, stream: false });

    expect([START, text('a'), { kind: 'usage', usage: USAGE } as AnswerEvent, FINISH].map((event) => encoder.encode(event)).join('')).toBe(
      '',
    );
    expect(JSON.parse(encoder.encode(END))).toEqual({
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 7,
      model: 'm',
      choices: [{ index: 0, message: { role: 'assistant', content: 'a', refusal: null }, logprobs: null, finish_reason: 'stop' }],
      usage: WIRE_USAGE,
    });
  });

  it('has null for content where only tools are called or the model refuses, and an empty text where nothing is said', () => {
    expect(messageOf(whole(call(0, 'c1'), piece(0, '{}')))).toMatchObject({ content: null });
    expect(messageOf(whole({ kind: 'refusal', choice: 0, text: 'no' }))).toEqual({ role: 'assistant', content: null, refusal: 'no' });
    expect(messageOf(whole(text('')))).toEqual({ role: 'assistant', content: '', refusal: null });
  });
});

describe('toWireUsage', () => {
  const tokens = fc.integer({ min: 0, max: 1_000_000 });

  it('is read back as the same usage', () => {
    const usages = fc.record({
      input: tokens,
      cacheRead: tokens,
      cacheWrite5m: tokens,
      output: tokens,
      audioInput: tokens,
      audioOutput: tokens,
    });

    fc.assert(
      fc.property(usages, fc.nat(), (buckets, thought) => {
        const usage: Usage = { ...NO_USAGE, ...buckets, reasoning: Math.min(buckets.output, thought) };

        expect(toUsage(toWireUsage(usage))).toEqual(usage);
      }),
    );
  });

  it('loses no token', () => {
    const wire = toWireUsage({
      ...NO_USAGE,
      input: 1,
      cacheRead: 2,
      cacheWrite5m: 4,
      cacheWrite1h: 8,
      audioInput: 16,
      image: 32,
      output: 64,
    });

    expect(wire).toMatchObject({ prompt_tokens: 63, completion_tokens: 64, total_tokens: 127 });
  });
});

/** What an answer says, read by the decoder of the same dialect, the pieces of a text joined. */
function readBack(body: string, stream: boolean): unknown {
  const said = new Map<string, string>();
  const rest: AnswerEvent[] = [];
  const decoder = OPENAI_CHAT_CODEC.decoder(stream, (event) => {
    if (event.kind === 'text' || event.kind === 'reasoning' || event.kind === 'refusal') {
      said.set(event.kind, (said.get(event.kind) ?? '') + event.text);
    } else if (event.kind === 'tool_arguments') {
      said.set(`call ${event.call}`, (said.get(`call ${event.call}`) ?? '') + event.text);
    } else rest.push(event);
  });
  decoder.read(Buffer.from(body));
  decoder.end();
  return { said: Object.fromEntries(said), rest: rest.toSorted((a, b) => a.kind.localeCompare(b.kind)) };
}

const word = fc.string({ maxLength: 8 });
const parts = fc.array(
  fc.oneof(
    word.map(text),
    word.map((value): AnswerEvent => ({ kind: 'reasoning', choice: 0, text: value })),
    word.map((value): AnswerEvent => ({ kind: 'refusal', choice: 0, text: value })),
    fc.webUrl().map((url): AnswerEvent => ({ kind: 'citation', choice: 0, citation: { url, title: 't' } })),
  ),
  { maxLength: 8 },
);
const calls = fc
  .array(fc.array(word, { minLength: 1, maxLength: 4 }), { maxLength: 3 })
  .map((all) => all.flatMap((pieces, number) => [call(number, `c${number}`), ...pieces.map((value) => piece(number, value))]));
const answers = fc
  .record({ parts, calls, output: fc.nat() })
  .map(({ parts: said, calls: called, output }): AnswerEvent[] => [
    START,
    ...said,
    ...called,
    { kind: 'usage', usage: { ...NO_USAGE, output } },
    FINISH,
    END,
  ]);
