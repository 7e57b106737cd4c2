import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { AnswerEvent } from '../../core/answer-event.js';
import { NO_USAGE } from '../../core/usage.js';
import { unwrapProof, wrapProof } from '../reasoning-proof.js';
import { ANTHROPIC_CODEC } from './anthropic-messages.dialect.js';

interface Block {
  readonly type: string;
  readonly [key: string]: unknown;
}
interface Message {
  readonly content: readonly Block[];
  readonly stop_reason: string | null;
  readonly usage: Record<string, unknown>;
  readonly [key: string]: unknown;
}

const terms = (stream: boolean) => ({ id: '0190', createdSeconds: 1, model: 'asked', stream, wantsUsage: true, request: {} });
const text = (value: string): AnswerEvent => ({ kind: 'text', choice: 0, text: value });
const reasoning = (value: string): AnswerEvent => ({ kind: 'reasoning', choice: 0, text: value });
const call = (index: number, id = `call_${index}`): AnswerEvent => ({ kind: 'tool_call', choice: 0, call: index, id, name: `f${index}` });
const args = (index: number, value: string): AnswerEvent => ({ kind: 'tool_arguments', choice: 0, call: index, text: value });
const finish = (
  reason: 'stop' | 'length' | 'content_filter' | 'pause' | 'tool_calls' | 'stop_sequence',
  stopSequence?: string,
): AnswerEvent => ({
  kind: 'finish',
  choice: 0,
  reason,
  ...(stopSequence === undefined ? {} : { stopSequence }),
});
const START: AnswerEvent = { kind: 'start' };
const END: AnswerEvent = { kind: 'end' };
const OPENAI = { maker: 'openai', kind: 'signature', value: 'v', id: 'rs_1' } as const;

const written = (events: readonly AnswerEvent[], stream: boolean) => {
  const encoder = ANTHROPIC_CODEC.encoder(terms(stream));
  return events.map((event) => encoder.encode(event)).join('');
};
const plain = (...events: AnswerEvent[]) => JSON.parse(written([START, ...events, END], false)) as Message;
const frames = (events: readonly AnswerEvent[]) =>
  written(events, true)
    .split('\n\n')
    .filter((frame) => frame !== '')
    .map((frame) => {
      const [, name, data] = /^event: (\w+)\ndata: (.*)$/.exec(frame)!;
      const event = JSON.parse(data!) as Block;
      expect(event.type).toBe(name);
      return event;
    });

/** Puts a stream together as Anthropic's own client does, and refuses what that client would trip over. */
function accumulated(events: readonly AnswerEvent[]): Message {
  let message: Message | undefined;
  const blocks: { block: Record<string, unknown>; json: string; isOpen: boolean }[] = [];
  let isOver = false;
  for (const event of frames(events)) {
    expect(isOver).toBe(false);
    const at = blocks[Number(event['index'])];
    switch (event.type) {
      case 'message_start':
        expect(message).toBeUndefined();
        message = event['message'] as Message;
        break;
      case 'content_block_start':
        expect(event['index']).toBe(blocks.length);
        expect(blocks.every(({ isOpen }) => !isOpen)).toBe(true);
        blocks.push({ block: { ...(event['content_block'] as object) }, json: '', isOpen: true });
        break;
      case 'content_block_delta':
        expect(at!.isOpen).toBe(true);
        grow(at!, event['delta'] as Block);
        break;
      case 'content_block_stop':
        expect(at!.isOpen).toBe(true);
        at!.isOpen = false;
        if (at!.block['type'] === 'tool_use') at!.block['input'] = JSON.parse(at!.json === '' ? '{}' : at!.json);
        break;
      case 'message_delta':
        expect(blocks.every(({ isOpen }) => !isOpen)).toBe(true);
        message = { ...message!, ...(event['delta'] as object), usage: { ...message!.usage, ...(event['usage'] as object) } };
        break;
      default:
        expect(event.type).toBe('message_stop');
        isOver = true;
    }
  }
  expect(isOver).toBe(true);
  return { ...message!, content: blocks.map(({ block }) => block as Block) };
}

function grow(at: { block: Record<string, unknown>; json: string }, delta: Block): void {
  const { block } = at;
  if (delta.type === 'text_delta') block['text'] = `${String(block['text'])}${String(delta['text'])}`;
  else if (delta.type === 'thinking_delta') block['thinking'] = `${String(block['thinking'])}${String(delta['thinking'])}`;
  else if (delta.type === 'signature_delta') block['signature'] = delta['signature'];
  else if (delta.type === 'citations_delta')
    block['citations'] = [...((block['citations'] as unknown[] | undefined) ?? []), delta['citation']];
  else at.json += String(delta['partial_json']);
}

const both = (...events: AnswerEvent[]): Message => {
  const streamed = accumulated([START, ...events, END]);
  expect(streamed).toEqual(plain(...events));
  return streamed;
};

describe('a streamed answer for a client of Anthropic', () => {
  it('is written event by event, with the usage at its end', () => {
    const usage = { ...NO_USAGE, input: 7, cacheRead: 3, cacheWrite5m: 2, cacheWrite1h: 1, output: 5, reasoning: 4 };
    const counters = {
      input_tokens: 7,
      cache_creation_input_tokens: 3,
      cache_read_input_tokens: 3,
      cache_creation: { ephemeral_5m_input_tokens: 2, ephemeral_1h_input_tokens: 1 },
      output_tokens: 5,
      output_tokens_details: { thinking_tokens: 4 },
      server_tool_use: null,
    };
    const events = frames([
      { kind: 'start', model: 'told', serviceTier: 'default' },
      text('a'),
      text('b'),
      finish('stop'),
      { kind: 'usage', usage },
      END,
    ]);

    expect(events.map(({ type }) => type)).toEqual([
      'message_start',
      'content_block_start',
      'content_block_delta',
      'content_block_delta',
      'content_block_stop',
      'message_delta',
      'message_stop',
    ]);
    expect(events[0]).toMatchObject({
      message: {
        id: 'msg_0190',
        type: 'message',
        role: 'assistant',
        model: 'told',
        content: [],
        stop_reason: null,
        stop_sequence: null,
        usage: { input_tokens: 0, output_tokens: 0, service_tier: 'standard' },
      },
    });
    expect(events[1]).toEqual({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } });
    expect(events[2]).toEqual({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'a' } });
    expect(events[5]).toEqual({
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null, stop_details: null },
      usage: counters,
    });
  });

  it('begins at once, and opens no block before there is something in it', () => {
    const encoder = ANTHROPIC_CODEC.encoder(terms(true));

    expect(encoder.encode(START)).toMatch(/^event: message_start\n/);
    expect(encoder.encode(text(''))).toBe('');
    expect(encoder.encode(reasoning(''))).toBe('');
    expect(encoder.encode(text('a'))).toContain('content_block_start');
  });

  it('gives each piece on as it comes, also of the second call once the first is whole', () => {
    const encoder = ANTHROPIC_CODEC.encoder(terms(true));
    const events = [START, call(0), args(0, '{"a":'), args(0, '1}'), call(1), args(1, '{"b"')];

    expect(events.map((event) => encoder.encode(event)).at(-1)).toContain(String.raw`"partial_json":"{\"b\""`);
  });

  it('keeps pieces of a later call back until the open one is whole', () => {
    const encoder = ANTHROPIC_CODEC.encoder(terms(true));
    for (const event of [START, call(0), args(0, '{"a":')]) encoder.encode(event);

    expect(encoder.encode(call(1))).toBe('');
    expect(encoder.encode(args(1, '{}'))).toBe('');
    expect(encoder.encode(args(0, '1}'))).toContain('"index":1');
  });
});

describe('an answer for a client of Anthropic, streamed or plain', () => {
  it('closes a thought with its signature, and one that has none as unsigned', () => {
    const signed = { kind: 'reasoning_proof', choice: 0, proof: { maker: 'anthropic', kind: 'signature', value: 'S' } } as const;
    const { content } = both(reasoning('a'), signed, reasoning('b'), text('c'));

    expect(content).toEqual([
      { type: 'thinking', thinking: 'a', signature: 'S' },
      { type: 'thinking', thinking: 'b', signature: 'tollgate.unsigned' },
      { type: 'text', text: 'c' },
    ]);
  });

  it('carries the proofs of another maker unopened', () => {
    const redacted = { maker: 'openai', kind: 'redacted', value: 'w' } as const;
    const { content } = both(
      reasoning('a'),
      { kind: 'reasoning_proof', choice: 0, proof: OPENAI },
      { kind: 'reasoning_proof', choice: 0, proof: redacted },
      { kind: 'reasoning_proof', choice: 0, proof: { maker: 'anthropic', kind: 'redacted', value: 'R' } },
    );

    expect(unwrapProof(String(content[0]!['signature']))).toEqual(OPENAI);
    expect(content[1]).toEqual({ type: 'redacted_thinking', data: wrapProof(redacted) });
    expect(content[2]).toEqual({ type: 'redacted_thinking', data: 'R' });
  });

  it('sorts interleaved calls into blocks of their own', () => {
    const { content, stop_reason } = both(
      text('x'),
      call(0),
      call(1),
      args(1, '{"b":'),
      args(0, '{"a":'),
      args(1, '2}'),
      args(0, '1}'),
      text('y'),
      call(2),
      finish('stop'),
    );

    expect(stop_reason).toBe('tool_use');
    expect(content).toEqual([
      { type: 'text', text: 'x' },
      { type: 'tool_use', id: 'call_0', name: 'f0', input: { a: 1 } },
      { type: 'tool_use', id: 'call_1', name: 'f1', input: { b: 2 } },
      { type: 'text', text: 'y' },
      { type: 'tool_use', id: 'call_2', name: 'f2', input: {} },
    ]);
  });

  it('names calls as Anthropic would, and counts a call that is announced twice as one', () => {
    const { content } = both(call(0, 'functions.f:0'), args(0, '{}'), call(0, 'functions.f:0'), finish('tool_calls'));

    expect(content).toHaveLength(1);
    expect(content[0]!['id']).toMatch(/^[a-zA-Z0-9_-]+$/);
  });

  it('cites what stands on the web', () => {
    const { content } = both(
      text('a'),
      { kind: 'citation', choice: 0, citation: { url: 'https://x', title: 't' } },
      { kind: 'citation', choice: 0, citation: { title: 'a document' } },
    );

    expect(content).toEqual([
      {
        type: 'text',
        text: 'a',
        citations: [{ type: 'web_search_result_location', url: 'https://x', title: 't', cited_text: '', encrypted_index: '' }],
      },
    ]);
  });

  it.each<[AnswerEvent[], string]>([
    [[text('a'), finish('stop')], 'end_turn'],
    [[text('a'), finish('length')], 'max_tokens'],
    [[text('a'), finish('content_filter')], 'refusal'],
    [[text('a'), finish('pause')], 'pause_turn'],
    [[text('a'), finish('tool_calls')], 'end_turn'],
    [[text('a')], 'end_turn'],
    [[{ kind: 'refusal', choice: 0, text: 'no' }, finish('stop')], 'refusal'],
    [[call(0), args(0, '{}'), finish('length')], 'tool_use'],
  ])('made of %j stops with %s', (events, reason) => {
    expect(both(...events)).toMatchObject({ stop_reason: reason, stop_sequence: null });
  });

  it('names the text at which it stopped', () => {
    expect(both(text('a'), finish('stop_sequence', 'END'))).toMatchObject({ stop_reason: 'stop_sequence', stop_sequence: 'END' });
  });

  it('does not call for an answer to a call that the limit cut off', () => {
    expect(plain(call(0), args(0, '{"a":'), finish('length'))).toMatchObject({
      stop_reason: 'max_tokens',
      content: [{ type: 'tool_use', input: { raw: '{"a":' } }],
    });
  });

  it('leaves out the other choices, which Anthropic does not know', () => {
    expect(both(text('a'), { kind: 'text', choice: 1, text: 'b' }).content).toEqual([{ type: 'text', text: 'a' }]);
  });

  const pieces = fc.oneof(
    fc.string({ unit: 'grapheme' }).map(text),
    fc.string().map(reasoning),
    fc.constantFrom<AnswerEvent>(
      { kind: 'reasoning_proof', choice: 0, proof: OPENAI },
      { kind: 'reasoning_proof', choice: 0, proof: { maker: 'anthropic', kind: 'redacted', value: 'R' } },
      { kind: 'refusal', choice: 0, text: 'no' },
      { kind: 'usage', usage: { ...NO_USAGE, input: 3, output: 2 } },
    ),
  );
  /** Some calls, each with its arguments cut into pieces. */
  const calls = fc.array(
    fc.tuple(fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 3 }), fc.array(fc.nat(), { maxLength: 4 })).map(([input, cuts]) => {
      const json = JSON.stringify(input);
      const marks = [0, ...cuts.map((cut) => cut % json.length).toSorted((a, b) => a - b), json.length];
      return { input: JSON.parse(json) as unknown, pieces: marks.slice(1).map((end, i) => json.slice(marks[i], end)) };
    }),
    { maxLength: 4 },
  );

  it('is the same, and whole, in whatever order its pieces come', () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), calls, fc.infiniteStream(fc.nat()), (others, made, order) => {
        const queues = [others, ...made.map((one, i) => [call(i), ...one.pieces.map((piece) => args(i, piece))])].map((queue) => [
          ...queue,
        ]);
        const events: AnswerEvent[] = [];
        while (queues.some((queue) => queue.length > 0)) {
          const left = queues.filter((queue) => queue.length > 0);
          events.push(left[Number(order.next().value) % left.length]!.shift()!);
        }
        const { content } = both(...events, finish('stop'));
        const inputs = new Map(content.filter(({ type }) => type === 'tool_use').map(({ name, input }) => [name, input]));

        expect(inputs).toEqual(new Map(made.map(({ input }, i) => [`f${i}`, input])));
      }),
    );
  });

  it('says to our own decoder what it was told', () => {
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), calls, (others, made) => {
        const told = [
          START,
          ...others,
          ...made.flatMap((one, i) => [call(i), ...one.pieces.map((piece) => args(i, piece))]),
          finish('stop'),
          END,
        ];
        const [fromStream, fromPlain] = [true, false].map((stream) => {
          const heard: AnswerEvent[] = [];
          const decoder = ANTHROPIC_CODEC.decoder(stream, (event) => heard.push(event));
          decoder.read(Buffer.from(written(told, stream)));
          decoder.end();
          return contentOf(heard);
        });

        expect(fromStream).toEqual(contentOf(told));
        expect(fromPlain).toEqual(contentOf(told));
      }),
    );
  });
});

/** What an answer says, however it was cut: a refusal is a text, and arguments are what they mean. */
function contentOf(events: readonly AnswerEvent[]): unknown[] {
  const content: { kind: string; text: string; proof?: unknown }[] = [];
  for (const event of events) {
    if (event.kind === 'reasoning_proof') content.push({ kind: event.kind, text: '', proof: event.proof });
    if (event.kind === 'tool_call') content.push({ kind: 'call', text: '' });
    if (event.kind !== 'text' && event.kind !== 'refusal' && event.kind !== 'reasoning' && event.kind !== 'tool_arguments') continue;
    if (event.text === '') continue;
    const kind = { text: 'text', refusal: 'text', reasoning: 'reasoning', tool_arguments: 'call' }[event.kind];
    const last = content.at(-1);
    if (last?.kind === kind) last.text += event.text;
    else content.push({ kind, text: event.text });
  }
  return content.map((part) => (part.kind === 'call' ? { kind: 'call', input: JSON.parse(part.text || '{}') as unknown } : part));
}
