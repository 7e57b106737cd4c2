import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import OpenAI from 'openai';
import type { AnswerEvent, FinishReason } from '../../core/answer-event.js';
import type { ReasoningProof } from '../../core/conversation.js';
import { NO_USAGE, type Usage } from '../../core/usage.js';
import { unwrapProof } from '../reasoning-proof.js';
import { RESPONSES_CODEC } from './openai-responses.dialect.js';

type Wire = Record<string, unknown>;
const REQUEST = {
  model: 'asked',
  input: 'hi',
  instructions: 'be kind',
  tools: [{ type: 'function', name: 'f', parameters: {} }],
  user: 'u',
};
const TERMS = { id: 'x1', createdSeconds: 1_700_000_000, model: 'm', wantsUsage: true, request: REQUEST };
const USAGE: Usage = { ...NO_USAGE, input: 10, cacheRead: 60, cacheWrite5m: 20, cacheWrite1h: 10, output: 20, reasoning: 15 };

function encode(events: readonly AnswerEvent[], stream: boolean): string {
  const encoder = RESPONSES_CODEC.encoder({ ...TERMS, stream });
  return events.map((event) => encoder.encode(event)).join('');
}

function framesOf(text: string): Wire[] {
  return text
    .split('\n\n')
    .slice(0, -1)
    .map((frame) => {
      const [name, data] = frame.split('\n');
      const event = JSON.parse(data!.slice('data: '.length)) as Wire;
      expect(name).toBe(`event: ${String(event['type'])}`);
      return event;
    });
}

const start: AnswerEvent = { kind: 'start', model: 'gpt' };
const says = (text: string): AnswerEvent => ({ kind: 'text', choice: 0, text });
const thinks = (text: string): AnswerEvent => ({ kind: 'reasoning', choice: 0, text });
const calls = (call: number, more = {}): AnswerEvent => ({ kind: 'tool_call', choice: 0, call, id: `call_${call}`, name: 'f', ...more });
const args = (call: number, text: string): AnswerEvent => ({ kind: 'tool_arguments', choice: 0, call, text });
const ends = (reason: FinishReason = 'stop'): AnswerEvent[] => [
  { kind: 'finish', choice: 0, reason },
  { kind: 'usage', usage: USAGE },
  { kind: 'end' },
];
const plain = (events: readonly AnswerEvent[]): Wire => JSON.parse(encode(events, false)) as Wire;

/** What the official client makes of a stream: it throws where the events do not fit together. */
async function accumulated(text: string): Promise<Wire> {
  const headers = { 'content-type': 'text/event-stream' };
  const client = new OpenAI({ apiKey: 'k', maxRetries: 0, fetch: () => Promise.resolve(new Response(text, { headers })) });
  return (await client.responses.stream({ model: 'm', input: 'hi' }).finalResponse()) as unknown as Wire;
}

describe('an answer as Responses events', () => {
  it('has the events of a message in their order, numbered from 0', () => {
    const frames = framesOf(encode([start, says('He'), says('llo'), ...ends()], true));
    const at = { item_id: 'msg_x1_0', output_index: 0, content_index: 0 };
    const part = { type: 'output_text', text: 'Hello', annotations: [], logprobs: [] };
    const item = { id: 'msg_x1_0', type: 'message', status: 'completed', role: 'assistant', content: [part] };

    expect(frames.map((frame) => frame['sequence_number'])).toEqual(frames.map((_, i) => i));
    expect(frames.map(({ sequence_number: _number, ...rest }) => rest)).toEqual([
      { type: 'response.created', response: expect.objectContaining({ id: 'resp_x1', status: 'in_progress', output: [], usage: null }) },
      { type: 'response.in_progress', response: expect.objectContaining({ id: 'resp_x1', status: 'in_progress' }) },
      { type: 'response.output_item.added', output_index: 0, item: { ...item, status: 'in_progress', content: [] } },
      { type: 'response.content_part.added', ...at, part: { ...part, text: '' } },
      { type: 'response.output_text.delta', ...at, delta: 'He', logprobs: [] },
      { type: 'response.output_text.delta', ...at, delta: 'llo', logprobs: [] },
      { type: 'response.output_text.done', ...at, text: 'Hello', logprobs: [] },
      { type: 'response.content_part.done', ...at, part },
      { type: 'response.output_item.done', output_index: 0, item },
      { type: 'response.completed', response: expect.objectContaining({ status: 'completed', output: [item] }) },
    ]);
  });

  it('has a thought as a summary, a refusal as a part, and calls by their own events', () => {
    const types = framesOf(
      encode(
        [
          start,
          thinks('hm'),
          { kind: 'refusal', choice: 0, text: 'no' },
          calls(0),
          args(0, '{}'),
          calls(1, { isCustom: true }),
          args(1, 'x'),
          ...ends('tool_calls'),
        ],
        true,
      ),
    ).map((frame) => String(frame['type']).slice('response.'.length));

    expect(types).toEqual([
      'created',
      'in_progress',
      'output_item.added',
      'reasoning_summary_part.added',
      'reasoning_summary_text.delta',
      'reasoning_summary_text.done',
      'reasoning_summary_part.done',
      'output_item.done',
      'output_item.added',
      'content_part.added',
      'refusal.delta',
      'refusal.done',
      'content_part.done',
      'output_item.done',
      'output_item.added',
      'function_call_arguments.delta',
      'output_item.added',
      'custom_tool_call_input.delta',
      'function_call_arguments.done',
      'output_item.done',
      'custom_tool_call_input.done',
      'output_item.done',
      'completed',
    ]);
  });

  it('has calls whose arguments come interleaved, and an empty object for those of a call without any', async () => {
    const events = [
      start,
      says('a'),
      calls(0),
      calls(1),
      args(1, '{"b"'),
      args(0, '{"a":1}'),
      args(1, ':2}'),
      calls(2),
      ...ends('tool_calls'),
    ];
    const response = await accumulated(encode(events, true));

    expect(response['output']).toMatchObject([
      { type: 'message' },
      { type: 'function_call', id: 'fc_x1_1', call_id: 'call_0', name: 'f', arguments: '{"a":1}', status: 'completed' },
      { type: 'function_call', id: 'fc_x1_2', call_id: 'call_1', arguments: '{"b":2}' },
      { type: 'function_call', id: 'fc_x1_3', call_id: 'call_2', arguments: '{}' },
    ]);
  });

  it('says nothing for an empty text', () => {
    expect(plain([start, says(''), thinks(''), ...ends()])['output']).toEqual([]);
  });

  it('reports usage in totals with their parts inside', () => {
    expect(plain([start, says('a'), ...ends()])['usage']).toEqual({
      input_tokens: 100,
      input_tokens_details: { cached_tokens: 60, cache_write_tokens: 30 },
      output_tokens: 20,
      output_tokens_details: { reasoning_tokens: 15 },
      total_tokens: 120,
    });
  });

  it.each([
    ['length', 'max_output_tokens'],
    ['content_filter', 'content_filter'],
  ] as const)('is incomplete when it was cut for %s', (reason, told) => {
    const events = [start, says('a'), calls(0), args(0, '{}'), calls(1), args(1, '{"a'), ...ends(reason)];
    const last = framesOf(encode(events, true)).at(-1)!;

    expect(last['type']).toBe('response.incomplete');
    expect(last['response']).toMatchObject({
      status: 'incomplete',
      incomplete_details: { reason: told },
      output: [{ status: 'completed' }, { status: 'completed' }, { status: 'incomplete', arguments: '{"a' }],
    });
  });

  it.each(['stop', 'stop_sequence', 'tool_calls', 'pause'] as const)('is complete when it finished for %s', (reason) => {
    expect(plain([start, says('a'), ...ends(reason)])).toMatchObject({ status: 'completed', incomplete_details: null });
  });

  it('repeats the request with the defaults filled in, and says that nothing is kept', () => {
    expect(plain([start, ...ends()])).toMatchObject({
      id: 'resp_x1',
      object: 'response',
      created_at: 1_700_000_000,
      error: null,
      model: 'gpt',
      instructions: 'be kind',
      tools: [{ type: 'function', name: 'f', description: null, parameters: {}, strict: true }],
      tool_choice: 'auto',
      parallel_tool_calls: true,
      temperature: 1,
      top_p: 1,
      metadata: {},
      text: { format: { type: 'text' } },
      reasoning: { effort: null, summary: null },
      previous_response_id: null,
      service_tier: 'default',
      store: false,
      truncation: 'disabled',
      user: 'u',
    });
    expect(plain([{ kind: 'start', serviceTier: 'flex' }, ...ends()])).toMatchObject({ model: 'm', service_tier: 'flex' });
  });

  it('has citations as annotations of the text that they stand behind', () => {
    const cites = (citation: object): AnswerEvent => ({ kind: 'citation', choice: 0, citation });
    const events = [start, says('one '), cites({ url: 'https://a.test', title: 'A' }), cites({ url: 'https://b.test' })];
    const { output } = plain([...events, says('two'), cites({ title: 'Doc' }), ...ends()]);

    expect(output).toMatchObject([
      {
        content: [
          {
            text: 'one two',
            annotations: [
              { type: 'url_citation', start_index: 0, end_index: 4, url: 'https://a.test', title: 'A' },
              { type: 'url_citation', start_index: 0, end_index: 4, url: 'https://b.test', title: 'https://b.test' },
              { type: 'file_citation', filename: 'Doc', index: 7 },
            ],
          },
        ],
      },
    ]);
  });

  it.each<[string, ReasoningProof]>([
    ["another maker's", { maker: 'anthropic', kind: 'signature', value: 'sig' }],
    ["OpenAI's that is bound to another item", { maker: 'openai', kind: 'signature', value: 'gAAA', id: 'rs_other' }],
  ])('wraps a proof that is %s', (_, proof) => {
    const { output } = plain([start, thinks('hm'), { kind: 'reasoning_proof', choice: 0, proof }, ...ends()]) as { output: Wire[] };

    expect(output).toMatchObject([{ type: 'reasoning', id: 'rs_x1_0', summary: [{ text: 'hm' }] }]);
    expect(unwrapProof(String(output[0]!['encrypted_content']))).toEqual(proof);
  });

  it("keeps OpenAI's own proof as it is where it comes alone, and marks a thought that has none", () => {
    const proof: ReasoningProof = { maker: 'openai', kind: 'redacted', value: 'gAAA', id: 'rs_other' };

    expect(plain([start, { kind: 'reasoning_proof', choice: 0, proof }, thinks('hm'), ...ends()])['output']).toEqual([
      { id: 'rs_other', type: 'reasoning', summary: [], encrypted_content: 'gAAA' },
      { id: 'rs_x1_1', type: 'reasoning', summary: [{ type: 'summary_text', text: 'hm' }], encrypted_content: 'tollgate.unsigned' },
    ]);
  });
});

const words = fc.string({ minLength: 1, maxLength: 5, unit: 'grapheme' });
/** Any answer of one choice: calls are begun before their arguments come, in whatever order. */
const answers: fc.Arbitrary<AnswerEvent[]> = fc
  .tuple(
    fc.array(
      fc.oneof(
        words.map(says),
        words.map(thinks),
        words.map((text): AnswerEvent => ({ kind: 'refusal', choice: 0, text })),
        fc.constant<AnswerEvent>({ kind: 'citation', choice: 0, citation: { url: 'https://a.test', title: 'A' } }),
        fc
          .constantFrom<ReasoningProof>(
            { maker: 'anthropic', kind: 'redacted', value: 'r' },
            { maker: 'openai', kind: 'redacted', value: 'gAAA', id: 'rs_9' },
          )
          .map((proof): AnswerEvent => ({ kind: 'reasoning_proof', choice: 0, proof })),
        fc.tuple(fc.constant('call'), fc.boolean()),
        fc.tuple(fc.constant('args'), fc.nat(), words),
      ),
      { maxLength: 14 },
    ),
    fc.constantFrom<FinishReason>('stop', 'length', 'tool_calls', 'content_filter'),
  )
  .map(([pieces, reason]) => {
    let count = 0;
    const events = pieces.flatMap((piece): AnswerEvent[] => {
      if (!Array.isArray(piece)) return [piece];
      if (piece[0] === 'call') return [calls(count++, piece[1] ? { isCustom: true } : {})];
      return count === 0 ? [] : [args(piece[1] % count, piece[2])];
    });
    return [start, ...events, ...ends(reason)];
  });

describe('every answer', () => {
  it('is accepted by the official client, which makes of the stream what the plain answer says', async () => {
    await fc.assert(
      fc.asyncProperty(answers, async (events) => {
        const whole = plain(events);
        const { output, output_text: _text, output_parsed: _parsed, ...rest } = await accumulated(encode(events, true));
        const bare = JSON.parse(JSON.stringify(output).replaceAll(/,"parsed(_arguments)?":null/g, '')) as unknown;

        expect({ ...rest, output: bare }).toEqual(whole);
      }),
    );
  });

  it('says the same to a decoder, streamed and plain', () => {
    const read = (bytes: string, stream: boolean): AnswerEvent[] => {
      const events: AnswerEvent[] = [];
      const decoder = RESPONSES_CODEC.decoder(stream, (event) => events.push(event));
      decoder.read(Buffer.from(bytes));
      decoder.end();
      return events;
    };
    /** All that was said, by what it is; how it was cut, and what was said between, is not compared. */
    const gist = (events: readonly AnswerEvent[]) => ({
      texts: ['text', 'refusal', 'reasoning'].map((kind) =>
        events.flatMap((event) => (event.kind === kind && 'text' in event ? [event.text] : [])).join(''),
      ),
      calls: events.flatMap((event) =>
        event.kind !== 'tool_call'
          ? []
          : [
              [
                event.id,
                event.isCustom,
                events.flatMap((one) => (one.kind === 'tool_arguments' && one.call === event.call ? [one.text] : [])).join(''),
              ],
            ],
      ),
      citations: events.filter(({ kind }) => kind === 'citation').length,
      proofs: events.flatMap((event) => (event.kind === 'reasoning_proof' ? [event.proof] : [])),
      ends: events.filter(({ kind }) => kind === 'finish' || kind === 'end'),
    });

    fc.assert(
      fc.property(answers, (events) => {
        const streamed = read(encode(events, true), true);
        const whole = read(encode(events, false), false);

        expect(gist(streamed)).toEqual(gist(whole));
        expect(streamed.find(({ kind }) => kind === 'usage')).toMatchObject({ usage: { ...USAGE, cacheWrite5m: 30, cacheWrite1h: 0 } });
        expect(gist(whole).texts.join('')).toBe(gist(events).texts.join(''));
        expect(gist(whole).proofs).toEqual(gist(events).proofs);
        expect(gist(whole).citations).toBe(gist(events).citations);
      }),
    );
  });
});
