import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AnswerEvent } from '../../core/answer-event.js';
import type { GatewayError } from '../../core/errors.js';
import { NO_USAGE } from '../../core/usage.js';
import type { AnswerTerms } from '../dialect.js';
import { OLLAMA_CODEC } from './ollama.codec.js';

const CREATED = '2026-08-04T19:22:45.499127Z';
const piece = (message: object, rest: object = {}) => ({
  model: 'llama',
  created_at: CREATED,
  message: { role: 'assistant', content: '', ...message },
  done: false,
  ...rest,
});
const last = (rest: object = {}) => piece({}, { done: true, done_reason: 'stop', total_duration: 5e9, ...rest });
const ndjson = (...lines: object[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');

/** The events of an answer that arrives in pieces of at most `size` bytes. */
function decode(answer: string, { stream = true, size = Infinity } = {}): AnswerEvent[] {
  const events: AnswerEvent[] = [];
  const decoder = OLLAMA_CODEC.decoder(stream, (event) => events.push(event));
  const bytes = Buffer.from(answer);
  for (let at = 0; at < bytes.length; at += size) decoder.read(bytes.subarray(at, at + size));
  decoder.end();
  return events;
}

const decodePlain = (answer: object) => decode(JSON.stringify(answer), { stream: false });

function failure(answer: string, stream = true): GatewayError {
  try {
    decode(answer, { stream });
  } catch (error) {
    return error as GatewayError;
  }
  throw new Error('was read');
}

const weather = { id: 'call_k3', function: { index: 0, name: 'weather', arguments: { city: 'Zürich' } } };

describe('an answer of Ollama', () => {
  it('is read line by line', () => {
    const answer = ndjson(
      piece({ thinking: 'hm' }),
      piece({ content: 'Grüezi' }),
      piece({ content: ' 👋' }),
      last({ prompt_eval_count: 26, eval_count: 3 }),
    );

    expect(decode(answer)).toEqual([
      { kind: 'start', model: 'llama' },
      { kind: 'reasoning', choice: 0, text: 'hm' },
      { kind: 'text', choice: 0, text: 'Grüezi' },
      { kind: 'text', choice: 0, text: ' 👋' },
      { kind: 'finish', choice: 0, reason: 'stop' },
      { kind: 'usage', usage: { ...NO_USAGE, input: 26, output: 3 } },
      { kind: 'end' },
    ]);
  });

  it('called tools although it says that it just stopped', () => {
    const events = decode(ndjson(piece({ tool_calls: [weather] }), last()));

    expect(events).toEqual([
      { kind: 'start', model: 'llama' },
      { kind: 'tool_call', choice: 0, call: 0, id: 'call_k3', name: 'weather' },
      { kind: 'tool_arguments', choice: 0, call: 0, text: '{"city":"Zürich"}' },
      { kind: 'finish', choice: 0, reason: 'tool_calls' },
      { kind: 'end' },
    ]);
  });

  it('gets ids for its tool calls where it has none: of its own, counted over all lines, and fit for every dialect', () => {
    const bare = { function: { name: 'f', arguments: {} } };
    const idsAt = (created: string) =>
      decode(ndjson(piece({ tool_calls: [bare, bare] }, { created_at: created }), piece({ tool_calls: [{ ...bare, id: '' }] }), last()))
        .filter((event) => event.kind === 'tool_call')
        .map((event) => event.id);
    const ids = [...idsAt(CREATED), ...idsAt('2026-08-04T19:22:46.499127123-07:00')];

    expect(new Set(ids).size).toBe(6);
    expect(idsAt(CREATED)).toEqual(ids.slice(0, 3));
    for (const id of ids) expect(id).toMatch(/^call_[a-zA-Z0-9_-]{1,35}$/);
  });

  it.each([
    [{ done_reason: 'length' }, 'length'],
    [{ done_reason: 'load' }, 'stop'],
    [{ done_reason: undefined }, 'stop'],
  ])('that ends with %j finished by %s', (rest, reason) => {
    expect(decode(ndjson(last(rest)))).toContainEqual({ kind: 'finish', choice: 0, reason });
  });

  it('that was cut off at its limit says so even after a tool call', () => {
    expect(decode(ndjson(piece({ tool_calls: [weather] }), last({ done_reason: 'length' })))).toContainEqual({
      kind: 'finish',
      choice: 0,
      reason: 'length',
    });
  });

  it('counts a cached prompt as nothing, and reports no usage where it has no counts', () => {
    const usageOf = (counts: object) => decode(ndjson(last(counts))).find((event) => event.kind === 'usage')?.usage;

    expect(usageOf({ eval_count: 7 })).toEqual({ ...NO_USAGE, output: 7 });
    expect(usageOf({ prompt_eval_count: 7 })).toEqual({ ...NO_USAGE, input: 7 });
    expect(usageOf({})).toBeUndefined();
    expect(usageOf({ eval_count: 'many' })).toBeUndefined();
  });

  it('gives probabilities in full, and those of a line without a text with the next text', () => {
    const lines = [
      piece({}, { logprobs: [{ token: 'é', logprob: -1 }] }),
      piece({ content: 'éa' }, { logprobs: [{ token: 'a', logprob: -2, bytes: [97], top_logprobs: [{ token: 'b', logprob: -3 }] }] }),
      last(),
    ];

    expect(decode(ndjson(...lines))[1]).toEqual({
      kind: 'text',
      choice: 0,
      text: 'éa',
      logprobs: [
        { token: 'é', logprob: -1, bytes: [0xc3, 0xa9], top_logprobs: [] },
        { token: 'a', logprob: -2, bytes: [97], top_logprobs: [{ token: 'b', logprob: -3, bytes: [98] }] },
      ],
    });
  });

  it('may have CRLF, empty lines, no line end at its end, and anything after it', () => {
    const lines = ndjson(piece({ content: 'a' }), last());

    expect(decode(lines.replaceAll('\n', '\r\n\r\n'))).toEqual(decode(lines));
    expect(decode(lines.trimEnd())).toEqual(decode(lines));
    expect(decode(`${lines}?`)).toEqual(decode(lines));
  });

  it('means the same wherever its bytes are cut', () => {
    const answer = ndjson(piece({ thinking: '…' }), piece({ content: 'né 👩‍🚀' }), piece({ tool_calls: [weather] }), last({ eval_count: 1 }));
    const whole = decode(answer);

    for (let size = 1; size <= Buffer.byteLength(answer); size++) expect(decode(answer, { size })).toEqual(whole);
  });

  it('may have tool arguments as text, or none', () => {
    const argumentsOf = (members: unknown) =>
      decode(ndjson(piece({ tool_calls: [{ function: { name: 'f', arguments: members } }] }), last())).find(
        ({ kind }) => kind === 'tool_arguments',
      );

    expect(argumentsOf('{"a": 1}')).toMatchObject({ text: '{"a": 1}' });
    expect([argumentsOf(''), argumentsOf(null), argumentsOf(undefined)]).toEqual(Array(3).fill(expect.objectContaining({ text: '{}' })));
  });

  it('may be plain', () => {
    const answer = { ...last({ eval_count: 2 }), message: { role: 'assistant', content: 'Hi', thinking: 'hm', tool_calls: [weather] } };

    expect(decodePlain(answer)).toEqual(decode(ndjson(answer)));
    expect(decode(`\n\n${JSON.stringify(answer, null, 2)}`, { stream: false, size: 7 })).toEqual(decodePlain(answer));
  });
});

describe('what is no answer of Ollama', () => {
  it.each([
    ['a line that is not JSON', '{"model":\n'],
    ['HTML', '<html>\n'],
    ['a line that is no object', '[1]\n'],
    ['a line without a message', '{"status":"pulling"}\n'],
    ['a text that is none', ndjson(piece({ content: 5 }))],
    ['thinking that is none', ndjson(piece({ thinking: {} }))],
    ['tool calls that are no list', ndjson(piece({ tool_calls: {} }))],
    ['a tool call without a name', ndjson(piece({ tool_calls: [{ function: { arguments: {} } }] }))],
    ['a tool call that is none', ndjson(piece({ tool_calls: [null] }))],
    ['arguments that are a list', ndjson(piece({ tool_calls: [{ function: { name: 'f', arguments: [1] } }] }))],
    ['nothing', ''],
    ['an answer without its last line', ndjson(piece({ content: 'half' }))],
    ['an answer cut in its last line', ndjson(piece({ content: 'half' }), last()).slice(0, -9)],
  ])('is %s', (_, answer) => {
    expect(failure(answer).kind).toBe('upstream_protocol');
    expect(failure(answer, false).kind).toBe('upstream_protocol');
  });

  it('is a plain answer that is not done', () => {
    expect(failure(JSON.stringify(piece({ content: 'half' })), false).kind).toBe('upstream_protocol');
  });

  it('says nothing of what cannot be written again', () => {
    const deep = `${'['.repeat(20_000)}${']'.repeat(20_000)}`;
    const line = JSON.stringify(piece({ tool_calls: [{ function: { name: 'f', arguments: { a: 0 } } }] })).replace('"a":0', `"a":${deep}`);

    expect(failure(`${line}\n`).kind).toBe('upstream_protocol');
  });

  it.each([
    ['model runner has unexpectedly stopped', 'upstream_unavailable'],
    ['the input length exceeds the context length', 'context_length_exceeded'],
  ])('is the error %s, in the middle or instead of an answer', (error, kind) => {
    const middle = failure(ndjson(piece({ content: 'a' }), { error }, last()));

    expect(middle).toMatchObject({ kind, message: error });
    expect(failure(JSON.stringify({ error }), false)).toMatchObject({ kind, message: error });
  });
});

const TERMS: AnswerTerms = { id: 'x', createdSeconds: 1_790_000_000, model: 'echo', stream: true, wantsUsage: true, request: {} };

function encode(events: readonly AnswerEvent[], stream: boolean): string {
  const encoder = OLLAMA_CODEC.encoder({ ...TERMS, stream });
  return events.map((event) => encoder.encode(event)).join('');
}

describe('an answer in the words of Ollama', () => {
  it('is a line an event, with tool calls whole and the counts last', () => {
    const events: AnswerEvent[] = [
      { kind: 'start' },
      { kind: 'reasoning', choice: 0, text: 'hm' },
      { kind: 'text', choice: 0, text: 'Hi' },
      { kind: 'tool_call', choice: 0, call: 0, id: 'a', name: 'f' },
      { kind: 'tool_call', choice: 0, call: 1, id: 'b', name: 'g' },
      { kind: 'tool_arguments', choice: 0, call: 0, text: '{"x":' },
      { kind: 'tool_arguments', choice: 0, call: 0, text: '1}' },
      { kind: 'text', choice: 1, text: 'not written' },
      { kind: 'citation', choice: 0, citation: { url: 'https://a.example' } },
      { kind: 'finish', choice: 0, reason: 'tool_calls' },
      { kind: 'usage', usage: { ...NO_USAGE, input: 3, cacheRead: 4, output: 5 } },
      { kind: 'end' },
    ];
    const head = { model: 'echo', created_at: '2026-09-21T14:13:20.000Z' };
    const calls = [
      { id: 'a', function: { index: 0, name: 'f', arguments: { x: 1 } } },
      { id: 'b', function: { index: 1, name: 'g', arguments: {} } },
    ];
    const end = { done: true, done_reason: 'stop', prompt_eval_count: 7, eval_count: 5 };

    expect(encode(events, true)).toBe(
      ndjson(
        { ...head, message: { role: 'assistant', content: '', thinking: 'hm' }, done: false },
        { ...head, message: { role: 'assistant', content: 'Hi' }, done: false },
        { ...head, message: { role: 'assistant', content: '', tool_calls: calls }, done: false },
        { ...head, message: { role: 'assistant', content: '' }, ...end },
      ),
    );
    expect(encode(events, false)).toBe(
      JSON.stringify({ ...head, message: { role: 'assistant', content: 'Hi', thinking: 'hm', tool_calls: calls }, ...end }),
    );
  });

  it('keeps arguments whole that are no object', () => {
    const events: AnswerEvent[] = [
      { kind: 'tool_call', choice: 0, call: 0, id: 'a', name: 'f' },
      { kind: 'tool_arguments', choice: 0, call: 0, text: '{"x":' },
      { kind: 'finish', choice: 0, reason: 'length' },
    ];

    expect(JSON.parse(encode(events, true))).toMatchObject({ message: { tool_calls: [{ function: { arguments: { raw: '{"x":' } } }] } });
  });

  it('is read as what was said, however it is cut, and means the same streamed and plain', () => {
    fc.assert(
      fc.property(answers, fc.integer({ min: 1, max: 64 }), (events, size) => {
        const streamed = decode(encode(events, true), { size });
        const plain = decode(encode(events, false), { stream: false, size });

        expect(joined(streamed)).toEqual(joined(events));
        expect(joined(plain)).toEqual(joined(events));
      }),
    );
  });
});

/** An answer with its texts in one piece each, in the order in which Ollama's messages have them. */
function joined(events: readonly AnswerEvent[]): unknown {
  const textOf = (kind: 'text' | 'reasoning') => events.map((event) => (event.kind === kind ? event.text : '')).join('');
  return {
    reasoning: textOf('reasoning'),
    text: textOf('text'),
    logprobs: events.flatMap((event) => (event.kind === 'text' ? (event.logprobs ?? []) : [])),
    rest: events.filter(({ kind }) => kind !== 'text' && kind !== 'reasoning'),
  };
}

const said: fc.Arbitrary<AnswerEvent> = fc.oneof(
  fc.string({ unit: 'grapheme', minLength: 1 }).map((text): AnswerEvent => ({
    kind: 'text',
    choice: 0,
    text,
    logprobs: [{ token: text, logprob: -1, bytes: [1], top_logprobs: [] }],
  })),
  fc.string({ unit: 'grapheme' }).map((text): AnswerEvent => ({ kind: 'reasoning', choice: 0, text })),
);
const calls = fc.array(fc.tuple(fc.string({ minLength: 1 }), fc.dictionary(fc.string(), fc.jsonValue())), { maxLength: 3 });

const answers: fc.Arbitrary<AnswerEvent[]> = fc.tuple(fc.array(said), calls, fc.nat(9), fc.nat(9)).map(([parts, made, input, output]) => [
  { kind: 'start', model: 'echo' },
  ...parts,
  ...made.flatMap(([name, members], call): AnswerEvent[] => [
    { kind: 'tool_call', choice: 0, call, id: `call_${call}`, name },
    { kind: 'tool_arguments', choice: 0, call, text: JSON.stringify(members) },
  ]),
  { kind: 'finish', choice: 0, reason: made.length > 0 ? 'tool_calls' : 'stop' },
  { kind: 'usage', usage: { ...NO_USAGE, input, output } },
  { kind: 'end' },
]);
