import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AnswerEvent } from '../../core/answer-event.js';
import type { GatewayError } from '../../core/errors.js';
import { wrapProof } from '../reasoning-proof.js';
import { decodeAnswer } from './openai-chat.decode-answer.js';

const HEAD = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1.5, model: 'm' };
const frame = (value: object) => `data: ${JSON.stringify(value)}\n\n`;
const chunk = (delta: object | null, rest: object = {}) => frame({ ...HEAD, choices: [{ index: 0, delta, finish_reason: null, ...rest }] });
const finish = (reason = 'stop') => chunk({}, { finish_reason: reason });
const USAGE = { prompt_tokens: 9, completion_tokens: 3, prompt_tokens_details: { cached_tokens: 4 } };
const DONE = 'data: [DONE]\n\n';
const START: AnswerEvent = { kind: 'start', model: 'm' };
const END: AnswerEvent = { kind: 'end' };
const FINISH = { kind: 'finish', choice: 0, reason: 'stop' };
const CALLED = { kind: 'finish', choice: 0, reason: 'tool_calls' };

/** The events of a body, with its bytes cut at the given positions; pieces of one text are joined. */
function eventsOf(body: string, stream = true, cuts: readonly number[] = []): AnswerEvent[] {
  const events: AnswerEvent[] = [];
  const decoder = decodeAnswer(stream, (event) => events.push(event));
  const bytes = Buffer.from(body);
  const marks = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length];
  for (const [i, end] of marks.slice(1).entries()) decoder.read(Buffer.from(bytes.subarray(marks[i], end)));
  decoder.end();
  return events;
}

const streamed = (...frames: string[]) => eventsOf([...frames, DONE].join(''));
const plain = (message: object, rest: object = {}) =>
  eventsOf(JSON.stringify({ ...HEAD, choices: [{ index: 0, message, finish_reason: 'stop' }], ...rest }), false);
const says = (...events: object[]) => [START, ...events, FINISH, END];
const calls = (...events: object[]) => [START, ...events, CALLED, END];
const toolDelta = (...tool_calls: object[]) => chunk({ tool_calls });
const begun = (call: number, id: string, name = 'f') => ({ kind: 'tool_call', choice: 0, call, id, name });
const piece = (call: number, text: string) => ({ kind: 'tool_arguments', choice: 0, call, text });

function failure(body: string, stream = true): GatewayError {
  try {
    eventsOf(body, stream);
  } catch (error) {
    return error as GatewayError;
  }
  throw new Error('was read');
}

describe('decodeAnswer of a stream', () => {
  it('tells what it says in order, usage before the end', () => {
    expect(
      eventsOf(
        `: OPENROUTER PROCESSING\n\n${chunk({ role: 'assistant', content: '', refusal: null })}${chunk({ content: 'Grüße' })}${finish()}${frame({ ...HEAD, choices: [], usage: USAGE })}${DONE}`,
      ),
    ).toMatchObject([
      START,
      { kind: 'text', choice: 0, text: 'Grüße' },
      { kind: 'usage', usage: { input: 5, cacheRead: 4, output: 3 } },
      FINISH,
      END,
    ]);
  });

  it('tells the same wherever its bytes are cut', () => {
    const body = [
      ': keep-alive\r\n\r\n',
      chunk({ role: 'assistant', content: null, reasoning_content: 'Hm 👋' }),
      chunk({ content: 'Grüße 👋' }).replaceAll('\n', '\r\n'),
      toolDelta({ index: 0, id: 'c1', type: 'function', function: { name: 'f', arguments: '' } }),
      toolDelta({ index: 0, function: { arguments: '{"ü":' } }),
      toolDelta({ index: 0, function: { arguments: '1}' } }),
      finish('tool_calls'),
      frame({ ...HEAD, choices: [], usage: USAGE }),
      DONE,
    ].join('');
    const whole = eventsOf(body);

    expect(whole).toHaveLength(9);
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 16 }), (cuts) => {
        expect(eventsOf(body, true, cuts)).toEqual(whole);
      }),
    );
  });

  it('takes usage from any chunk, with choices or without, and the price with it', () => {
    const events = streamed(
      frame({ ...HEAD, choices: [{ index: 0, delta: { content: 'a' } }], usage: { prompt_tokens: 9, completion_tokens: 1 } }),
      frame({ ...HEAD, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }], usage: { ...USAGE, cost: 0.25 } }),
    );

    expect(events.filter(({ kind }) => kind === 'usage')).toMatchObject([
      { usage: { output: 1 } },
      { usage: { output: 3 }, costNanoUsd: 250_000_000n },
    ]);
  });

  it('does not begin with an event that says nothing', () => {
    expect(streamed(frame({ ...HEAD, model: '', choices: [], prompt_filter_results: [] }), chunk({ content: 'a' }), finish())).toEqual(
      says({ kind: 'text', choice: 0, text: 'a' }),
    );
  });

  it('understands several data lines, data without a space, event names and a last frame without its blank line', () => {
    const text = chunk({ content: 'a' }).trimEnd().slice('data: '.length);
    const [first, second] = [text.slice(0, 10), text.slice(10)];
    // A line may be broken only where JSON allows it.
    const body = `event: message\ndata:${first.slice(0, 1)}\ndata: ${first.slice(1)}${second}\n\n${finish().trimEnd()}`;

    expect(eventsOf(body)).toEqual(says({ kind: 'text', choice: 0, text: 'a' }));
  });

  it('ends without [DONE] where every choice is finished, and reads nothing after it', () => {
    expect(eventsOf(chunk({ content: 'a' }) + finish())).toEqual(says({ kind: 'text', choice: 0, text: 'a' }));
    expect(eventsOf(`${chunk({ content: 'a' })}${finish()}${DONE}data: nonsense\n\n`)).toHaveLength(4);
  });

  it('keeps the choices apart', () => {
    const at = (index: number, delta: object, finish_reason: string | null = null) =>
      frame({ ...HEAD, choices: [{ index, delta, finish_reason }] });

    expect(streamed(at(0, { content: 'a' }), at(1, { content: 'b' }), at(0, { content: 'c' }, 'stop'), at(1, {}, 'length'))).toEqual([
      START,
      { kind: 'text', choice: 0, text: 'a' },
      { kind: 'text', choice: 1, text: 'b' },
      { kind: 'text', choice: 0, text: 'c' },
      FINISH,
      { kind: 'finish', choice: 1, reason: 'length' },
      END,
    ]);
  });

  it('tells nothing of a choice after its finish, however late it comes', () => {
    expect(streamed(finish(), chunk({ content: 'late' }), finish())).toEqual(says({ kind: 'text', choice: 0, text: 'late' }));
  });

  it('gives probabilities to the text that they belong to', () => {
    const token = (word: string) => ({ token: word, logprob: -1, bytes: null, top_logprobs: [] });
    const withTokens = (content: string, ...tokens: string[]) =>
      chunk({ content }, { logprobs: { content: tokens.map(token), refusal: null } });

    expect(streamed(withTokens('', 'x'), withTokens('a', 'a'), withTokens('', 'y'), finish())).toEqual(
      says(
        { kind: 'text', choice: 0, text: 'a', logprobs: [token('x'), token('a')] },
        { kind: 'text', choice: 0, text: '', logprobs: [token('y')] },
      ),
    );
  });

  it('tells refusals and citations', () => {
    const url_citation = { url: 'https://a.example', title: 't', content: 'c', start_index: 0, end_index: 1 };

    expect(streamed(chunk({ refusal: 'no' }), chunk({ annotations: [{ type: 'url_citation', url_citation }] }), finish())).toEqual(
      says(
        { kind: 'refusal', choice: 0, text: 'no' },
        { kind: 'citation', choice: 0, citation: { url: 'https://a.example', title: 't', citedText: 'c' } },
      ),
    );
  });
});

describe('decodeAnswer of thoughts', () => {
  const thought = (text: string) => ({ kind: 'reasoning', choice: 0, text });
  const proof = (value: object) => ({ kind: 'reasoning_proof', choice: 0, proof: value });
  const signed = proof({ maker: 'anthropic', kind: 'signature', value: 'sig' });

  it.each(['reasoning_content', 'reasoning'])('reads them in %s', (key) => {
    expect(streamed(chunk({ content: '', [key]: 'hm' }), finish())).toEqual(says(thought('hm')));
  });

  it('does not tell a thought twice that stands in two places', () => {
    expect(
      streamed(
        chunk({ reasoning: 'h', reasoning_content: 'h', reasoning_details: [{ type: 'reasoning.text', text: 'h' }] }),
        chunk({ reasoning: 'm', reasoning_details: [{ type: 'reasoning.text', text: 'm' }] }),
        chunk({ reasoning_details: [{ type: 'reasoning.text', text: '', signature: 'sig' }] }),
        finish(),
      ),
    ).toEqual(says(thought('h'), thought('m'), signed));
  });

  it('takes details that come at the end for the proofs of what was told', () => {
    const openai = { maker: 'openai', kind: 'redacted', value: 'enc' } as const;

    expect(
      streamed(
        chunk({ reasoning_content: 'hm' }),
        chunk({ reasoning_details: [{ type: 'reasoning.text', text: 'hm', signature: 'sig' }] }),
        chunk({ reasoning_details: [{ type: 'reasoning.encrypted', data: wrapProof(openai) }] }),
        finish(),
      ),
    ).toEqual(says(thought('hm'), signed, proof(openai)));
  });

  it('gives each thought of a whole message its own proof', () => {
    const details = ['a', 'b'].map((text) => ({ type: 'reasoning.text', text, signature: 'sig' }));

    expect(plain({ content: 'x', reasoning: 'ab', reasoning_details: details })).toEqual(
      says(thought('a'), signed, thought('b'), signed, { kind: 'text', choice: 0, text: 'x' }),
    );
  });
});

describe('decodeAnswer of tool calls', () => {
  const first = { index: 0, id: 'c1', type: 'function', function: { name: 'f', arguments: '' } };

  it('says tool_calls where the server says stop, and {} where it says nothing', () => {
    expect(streamed(toolDelta(first), finish('stop'))).toEqual(calls(begun(0, 'c1'), piece(0, '{}')));
  });

  it.each([
    ['repeats', { id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } }],
    ['empties', { id: '', type: 'function', function: { name: '', arguments: '{}' } }],
    ['nulls', { id: null, type: null, function: { name: null, arguments: '{}' } }],
  ])('reads one call from a server that %s its id and name', (_, later) => {
    expect(streamed(toolDelta(first), toolDelta({ index: 0, ...later }), finish())).toEqual(calls(begun(0, 'c1'), piece(0, '{}')));
  });

  it('reads calls without an index', () => {
    const { index: _, ...unnumbered } = first;

    expect(
      streamed(
        toolDelta(unnumbered),
        toolDelta({ function: { arguments: '[1]' } }),
        toolDelta({ ...unnumbered, id: 'c2' }),
        toolDelta({ id: 'c2', function: { arguments: '[2]' } }),
        finish(),
      ),
    ).toEqual(calls(begun(0, 'c1'), piece(0, '[1]'), begun(1, 'c2'), piece(1, '[2]')));
  });

  it('tells calls apart that all have the index 0, or any other', () => {
    const whole = (id: string, index: number) => ({ index, id, type: 'function', function: { name: 'f', arguments: `["${id}"]` } });
    const expected = calls(begun(0, 'c1'), piece(0, '["c1"]'), begun(1, 'c2'), piece(1, '["c2"]'));

    expect(streamed(toolDelta(whole('c1', 0)), toolDelta(whole('c2', 0)), finish())).toEqual(expected);
    expect(streamed(toolDelta(whole('c1', 3), whole('c2', 7)), finish())).toEqual(expected);
  });

  it('keeps interleaved arguments apart', () => {
    const events = streamed(
      toolDelta(first, { ...first, index: 1, id: 'c2' }),
      toolDelta({ index: 1, function: { arguments: '[2' } }, { index: 0, function: { arguments: '[1' } }),
      toolDelta({ index: 0, function: { arguments: ']' } }),
      toolDelta({ index: 1, function: { arguments: ']' } }),
      finish('tool_calls'),
    );

    expect(argumentsOf(events)).toEqual(['[1]', '[2]']);
  });

  it('waits for a name, and makes an id where there is none, the same each time', () => {
    const body = [
      toolDelta({ index: 0, function: { arguments: '{' } }),
      toolDelta({ index: 0, function: { name: 'f', arguments: '}' } }),
      finish(),
    ];
    const [, call, ...rest] = streamed(...body);

    expect(call).toMatchObject({ kind: 'tool_call', name: 'f', id: expect.stringMatching(/^call_[0-9a-f]{32}$/) });
    expect(streamed(...body)[1]).toEqual(call);
    expect(rest).toEqual([piece(0, '{'), piece(0, '}'), CALLED, END]);
  });

  it('reads custom tools, the deprecated function_call, and arguments that are an object', () => {
    expect(
      streamed(
        toolDelta({ index: 0, id: 'c1', type: 'custom', custom: { name: 'sh', input: '' } }),
        toolDelta({ index: 0, custom: { input: 'ls' } }),
        finish(),
      ),
    ).toEqual(calls({ ...begun(0, 'c1', 'sh'), isCustom: true }, piece(0, 'ls')));
    expect(
      streamed(
        chunk({ function_call: { name: 'f', arguments: '' } }),
        chunk({ function_call: { arguments: '[]' } }),
        finish('function_call'),
      ),
    ).toEqual(calls(begun(0, expect.any(String) as unknown as string), piece(0, '[]')));
    expect(streamed(toolDelta({ ...first, function: { name: 'f', arguments: { a: 1 } } }), finish())).toEqual(
      calls(begun(0, 'c1'), piece(0, '{"a":1}')),
    );
  });

  it('says the same streamed, however it is split, as in one piece', () => {
    const wholeCalls = fc.array(fc.record({ name: fc.stringMatching(/^[a-z]{1,5}$/), json: fc.json() }), { minLength: 1, maxLength: 4 });

    fc.assert(
      fc.property(wholeCalls, fc.array(fc.nat(), { maxLength: 20 }), fc.integer({ min: 1, max: 7 }), (made, cuts, size) => {
        const tool_calls = made.map(({ name, json }, i) => ({ id: `c${i}`, type: 'function', function: { name, arguments: json } }));
        const pieces = made.flatMap(({ json }, index) =>
          Array.from({ length: Math.ceil(json.length / size) }, (_, i) =>
            toolDelta({ index, function: { arguments: json.slice(i * size, (i + 1) * size) } }),
          ),
        );
        const body = [toolDelta(...tool_calls.map((call, index) => ({ index, ...call, function: { ...call.function, arguments: '' } })))];
        const fromStream = eventsOf([...body, ...pieces, finish('tool_calls'), DONE].join(''), true, cuts);

        expect(argumentsOf(fromStream)).toEqual(made.map(({ json }) => json));
        expect(argumentsOf(plain({ content: null, tool_calls }))).toEqual(argumentsOf(fromStream));
      }),
    );
  });
});

describe('decodeAnswer of a plain answer', () => {
  it('tells the same events as a stream, after the empty lines of a server that keeps the line open', () => {
    const body = `\n\n\n${JSON.stringify({ ...HEAD, service_tier: 'flex', choices: [{ message: { role: 'assistant', content: 'a' }, finish_reason: 'stop' }], usage: USAGE })}`;

    expect(eventsOf(body, false, [3, 40])).toMatchObject([
      { ...START, serviceTier: 'flex' },
      { kind: 'text', choice: 0, text: 'a' },
      { kind: 'usage', usage: { input: 5, cacheRead: 4, output: 3 } },
      FINISH,
      END,
    ]);
  });

  it('takes calls without arguments for calls with an empty object', () => {
    const tool_calls = ['c1', 'c2'].map((id) => ({ id, type: 'function', function: { name: 'f', arguments: '' } }));

    expect(plain({ content: null, tool_calls })).toEqual(calls(begun(0, 'c1'), begun(1, 'c2'), piece(0, '{}'), piece(1, '{}')));
  });
});

describe('decodeAnswer of what is no answer', () => {
  it.each([
    ['a stream that was cut', chunk({ content: 'a' })],
    ['a stream that was cut in the middle of an event', chunk({ content: 'a' }) + finish().slice(0, 60)],
    ['a stream that only says it is done', DONE],
    ['nothing at all', ''],
    ['a done stream with an unfinished choice', `${chunk({ content: 'a' })}${DONE}`],
    ['an event that is not JSON', `data: {"id":\n\n`],
    ['an event that is no object', 'data: [1]\n\n'],
    ['choices that are no list', frame({ ...HEAD, choices: {} })],
    ['a choice that is no object', frame({ ...HEAD, choices: [5] })],
    ['a delta that is no object', chunk('x' as unknown as object)],
    ['content that is no text', chunk({ content: 5 })],
    ['tool calls that are no list', chunk({ tool_calls: {} })],
    ['a tool call that is no object', chunk({ tool_calls: [5] })],
    ['a tool call that never gets a name', toolDelta({ index: 0, id: 'c1', function: { arguments: '{}' } }) + finish() + DONE],
  ])('refuses %s', (_, body) => {
    expect(failure(body)).toMatchObject({ kind: 'upstream_protocol' });
  });

  it.each([
    ['HTML', '<html>'],
    ['no choices', '{}'],
    ['an unfinished choice', JSON.stringify({ choices: [{ message: { content: 'a' } }] })],
  ])('refuses a plain answer with %s', (_, body) => {
    expect(failure(body, false)).toMatchObject({ kind: 'upstream_protocol' });
  });

  it('reports the error of a plain answer with status 200', () => {
    expect(failure('{"error":{"code":429,"message":"slow"}}', false)).toMatchObject({ kind: 'upstream_rate_limited', message: 'slow' });
  });

  it.each([
    [
      'OpenRouter',
      frame({ ...HEAD, error: { code: 502, message: 'broke' }, choices: [{ index: 0, delta: {}, finish_reason: 'error' }] }),
      'broke',
    ],
    ['a choice', frame({ ...HEAD, choices: [{ index: 0, error: { code: 502, message: 'broke' } }] }), 'broke'],
    ['a server without an object around it', frame({ object: 'error', message: 'broke', code: 500 }), 'broke'],
    ['a finish reason', finish('error'), 'broke off'],
    ['DeepSeek', finish('insufficient_system_resource'), 'broke off'],
  ])('reports an error in the middle, told by %s', (_, body, message) => {
    const error = failure(chunk({ content: 'a' }) + body + DONE);

    expect(error.message).toContain(message);
    expect(error.kind).toBe('upstream_unavailable');
  });
});

function argumentsOf(events: readonly AnswerEvent[]): string[] {
  const texts: string[] = [];
  for (const event of events) {
    if (event.kind === 'tool_call') texts[event.call] = '';
    if (event.kind === 'tool_arguments') texts[event.call] += event.text;
  }
  return texts;
}
