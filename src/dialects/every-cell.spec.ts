import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { ChatDialectName } from '../core/call.js';
import type { AnswerEvent } from '../core/answer-event.js';
import type { Conversation, Message } from '../core/conversation.js';
import { FeatureUse } from '../core/features.js';
import { inputTokensOf, outputTokensOf, type Usage } from '../core/usage.js';
import { CODECS } from './dialects.js';
import { TranslatingReader } from './translating-reader.js';

const PROVIDERS = Object.keys(CODECS) as ChatDialectName[];
const CLIENTS = PROVIDERS.filter((name) => name !== 'ollama');
const CELLS = CLIENTS.flatMap((client) => PROVIDERS.map((provider) => [client, provider] as const));
const RUNS = { numRuns: 25 };
const TERMS = { id: '1', createdSeconds: 1_795_248_000, model: 'm', wantsUsage: true, request: {} };

/** What an answer says, however it was said. */
interface Heard {
  readonly text: string;
  readonly thought: string;
  readonly calls: readonly { readonly name: string; readonly arguments: unknown }[];
  readonly reason: string | undefined;
  readonly usage: Usage | undefined;
}

const word = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 8 });
const pieces = fc.array(word, { maxLength: 4 });
const toolArguments = fc
  .dictionary(word, fc.jsonValue({ maxDepth: 2, stringUnit: 'grapheme' }), { maxKeys: 3 })
  // As JSON has them: without a zero below zero.
  .map((value) => JSON.parse(JSON.stringify(value)) as Record<string, unknown>);
const calls = fc.array(fc.record({ name: fc.constantFrom('f', 'g'), arguments: toolArguments, isSilent: fc.boolean() }), { maxLength: 3 });
const count = fc.nat({ max: 1_000_000 });
const usage: fc.Arbitrary<Usage> = fc
  .record({
    input: count,
    cacheRead: count,
    cacheWrite5m: count,
    cacheWrite1h: count,
    output: count,
    audioInput: count,
    audioOutput: count,
    image: count,
    reasoning: count,
  })
  .map((buckets) => ({ ...buckets, reasoning: Math.min(buckets.reasoning, buckets.output) }));
const answer = fc.record({ thought: pieces, text: pieces, calls, usage, isCut: fc.boolean() });
type Answer = typeof answer extends fc.Arbitrary<infer T> ? T : never;
const cuts = fc.array(fc.nat({ max: 5000 }), { maxLength: 8 });

describe.each(CELLS)('%s asks %s', (client, provider) => {
  it('hears what was said, streamed as in one piece, however the bytes are cut', () => {
    fc.assert(
      fc.property(answer, cuts, (said, at) => {
        const events = eventsOf(said, at[0] ?? 0);
        const streamed = carried(events, { client, provider, stream: true }, at);
        const plain = carried(events, { client, provider, stream: false }, at);
        expect(withoutUsage(streamed)).toEqual(withoutUsage(plain));
        expect(withoutUsage(plain)).toEqual(expectedOf(said));
        expect(streamed.usage).toEqual(plain.usage);
      }),
      RUNS,
    );
  });

  it('is told of as many tokens as were used', () => {
    fc.assert(
      fc.property(answer, fc.boolean(), (said, stream) => {
        const told = carried(eventsOf(said, 0), { client, provider, stream }, []).usage!;
        expect([inputTokensOf(told), outputTokensOf(told)]).toEqual([inputTokensOf(said.usage), outputTokensOf(said.usage)]);
        if (provider === 'ollama') return;
        expect(told.cacheRead).toBe(said.usage.cacheRead);
        expect(told.cacheWrite5m + told.cacheWrite1h).toBe(said.usage.cacheWrite5m + said.usage.cacheWrite1h);
        expect(told.reasoning).toBe(said.usage.reasoning);
      }),
      RUNS,
    );
  });

  it('says the same to the provider as it said', () => {
    fc.assert(
      fc.property(conversation, (said) => {
        const sent = CODECS[client].decodeRequest(through(client, said));
        const understood = CODECS[provider].decodeRequest(through(provider, sent));
        expect(scriptOf(sent)).toEqual(scriptOf(said));
        expect(scriptOf(understood)).toEqual(scriptOf(said));
      }),
      RUNS,
    );
  });
});

describe.each(['openai-chat', 'openai-responses'] as const)('the report of %s', (client) => {
  it('has its parts inside the wholes, and the wholes sum to the total', () => {
    fc.assert(
      fc.property(usage, (used) => {
        const encoder = CODECS[client].encoder({ ...TERMS, stream: false });
        const events: AnswerEvent[] = [{ kind: 'start' }, { kind: 'usage', usage: used }, { kind: 'end' }];
        const { usage: told } = JSON.parse(events.map((event) => encoder.encode(event)).join('')) as { usage: Record<string, number> };
        const [prompt, completion] = [told['prompt_tokens'] ?? told['input_tokens']!, told['completion_tokens'] ?? told['output_tokens']!];
        expect(told['total_tokens']).toBe(prompt + completion);
        expect(used.cacheRead + used.cacheWrite5m + used.cacheWrite1h).toBeLessThanOrEqual(prompt);
        expect([prompt, completion]).toEqual([inputTokensOf(used), outputTokensOf(used)]);
      }),
      RUNS,
    );
  });
});

/** The arguments of all calls come mixed, each cut in pieces, as some providers send them. */
function eventsOf({ thought, text, calls: made, usage: used, isCut }: Answer, seed: number): AnswerEvent[] {
  const heads = made.map(({ name }, call): AnswerEvent => ({ kind: 'tool_call', choice: 0, call, id: `call_${call}`, name }));
  const parts = made.map(({ arguments: value, isSilent }, call) => {
    const json = JSON.stringify(value);
    if (json === '{}' && isSilent) return [];
    const middle = seed % json.length;
    return [json.slice(0, middle), json.slice(middle)].map((piece): AnswerEvent => ({
      kind: 'tool_arguments',
      choice: 0,
      call,
      text: piece,
    }));
  });
  return [
    { kind: 'start', model: 'm' },
    ...thought.map((piece): AnswerEvent => ({ kind: 'reasoning', choice: 0, text: piece })),
    ...text.map((piece): AnswerEvent => ({ kind: 'text', choice: 0, text: piece })),
    ...heads,
    ...[0, 1].flatMap((at) => parts.flatMap((each) => each[at] ?? [])),
    { kind: 'finish', choice: 0, reason: reasonOf(made.length, isCut) },
    { kind: 'usage', usage: used },
    { kind: 'end' },
  ];
}

function reasonOf(madeCalls: number, isCut: boolean): 'tool_calls' | 'length' | 'stop' {
  if (madeCalls > 0) return 'tool_calls';
  return isCut ? 'length' : 'stop';
}

function expectedOf({ thought, text, calls: made, isCut }: Answer): Omit<Heard, 'usage'> {
  return {
    text: text.join(''),
    thought: thought.join(''),
    calls: made.map(({ name, arguments: value }) => ({ name, arguments: value })),
    reason: reasonOf(made.length, isCut),
  };
}

interface Cell {
  readonly client: ChatDialectName;
  readonly provider: ChatDialectName;
  readonly stream: boolean;
}

/** The provider says the events in its dialect, the gateway translates, and the client reads what it got. */
function carried(events: readonly AnswerEvent[], { client, provider, stream }: Cell, at: readonly number[]): Heard {
  const speaker = CODECS[provider].encoder({ ...TERMS, stream });
  const bytes = Buffer.from(events.map((event) => speaker.encode(event)).join(''));
  const reader = new TranslatingReader((sink) => CODECS[provider].decoder(stream, sink), CODECS[client].encoder({ ...TERMS, stream }));
  const out = [...cut(bytes, at).map((chunk) => reader.read(chunk)), reader.end()];
  return heardBy(client, stream, Buffer.concat(out));
}

function heardBy(client: ChatDialectName, stream: boolean, bytes: Buffer): Heard {
  const events: AnswerEvent[] = [];
  const decoder = CODECS[client].decoder(stream, (event) => events.push(event));
  decoder.read(bytes);
  decoder.end();
  const told = { text: '', thought: '', calls: [] as { name: string; json: string }[] };
  let [reason, used]: [string | undefined, Usage | undefined] = [undefined, undefined];
  for (const event of events) {
    if (event.kind === 'text') told.text += event.text;
    if (event.kind === 'reasoning') told.thought += event.text;
    if (event.kind === 'tool_call') told.calls[event.call] = { name: event.name, json: '' };
    if (event.kind === 'tool_arguments') told.calls[event.call]!.json += event.text;
    if (event.kind === 'finish') reason = event.reason;
    if (event.kind === 'usage') used = event.usage;
  }
  const made = told.calls.map(({ name, json }) => ({ name, arguments: JSON.parse(json) as unknown }));
  return { text: told.text, thought: told.thought, calls: made, reason, usage: used };
}

function withoutUsage({ usage: _usage, ...rest }: Heard): Omit<Heard, 'usage'> {
  return rest;
}

function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const places = [0, ...at.map((place) => Math.min(place, bytes.length)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, i) => bytes.subarray(places[i], end));
}

// Some dialects leave out texts of white space alone.
const sentence = word.filter((text) => text.trim() !== '');
const turn = fc.record({
  asked: sentence,
  said: sentence,
  calls: fc.array(fc.record({ arguments: toolArguments, result: sentence }), { maxLength: 2 }),
});
const conversation: fc.Arbitrary<Conversation> = fc
  .record({ system: fc.option(sentence, { nil: undefined }), turns: fc.array(turn, { minLength: 1, maxLength: 3 }), last: sentence })
  .map(({ system, turns, last }) => ({
    messages: [
      ...(system === undefined ? [] : [{ role: 'system' as const, parts: [{ kind: 'text' as const, text: system }] }]),
      ...turns.flatMap((one, number) => messagesOf(one, number)),
      { role: 'user', parts: [{ kind: 'text', text: last }] },
    ],
    tools: [{ name: 'f', parameters: { type: 'object', properties: { a: {} } } }],
    toolChoice: undefined,
    parallelTools: undefined,
    output: undefined,
    reasoning: undefined,
    settings: { maxTokens: 100 },
    uses: new FeatureUse(),
  }));

function messagesOf({ asked, said, calls: made }: typeof turn extends fc.Arbitrary<infer T> ? T : never, number: number): Message[] {
  const id = (index: number): string => `call_${number}_${index}`;
  const told: Message[] = [
    { role: 'user', parts: [{ kind: 'text', text: asked }] },
    {
      role: 'assistant',
      parts: [
        { kind: 'text', text: said },
        ...made.map((call, i) => ({ kind: 'tool_call' as const, id: id(i), name: 'f', arguments: JSON.stringify(call.arguments) })),
      ],
    },
  ];
  const results = made.map(({ result }, i) => ({ callId: id(i), parts: [{ kind: 'text' as const, text: result }] }));
  return results.length === 0 ? told : [...told, { role: 'tool', results }];
}

function through(dialect: ChatDialectName, said: Conversation): unknown {
  const terms = { model: 'm', stream: false, askUsage: false, maxTokensField: 'max_tokens', defaultMaxTokens: 100 } as const;
  return JSON.parse(JSON.stringify(CODECS[dialect].encodeRequest(said, terms)));
}

/** A conversation as lines: who says what, calls what with which arguments, and which call a result answers. */
function scriptOf({ messages }: Conversation): readonly unknown[] {
  return messages.flatMap((message): unknown[] => {
    if (message.role === 'tool') return message.results.map(({ callId, parts }) => ['result', callId, parts]);
    return message.parts.map((part) => {
      if (part.kind === 'text') return [message.role, part.text];
      return part.kind === 'tool_call' ? ['call', part.id, part.name, JSON.parse(part.arguments)] : [part.kind];
    });
  });
}
