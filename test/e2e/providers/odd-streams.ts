import type { ScriptedKind } from '../../support/gateway/kinds.js';
import type { Behaviour } from '../../support/upstream.js';
import { streams } from '../../support/upstream/behaviours.js';
import { CLOCK, PARIS, plays, ZURICH, type PlayedAnswer } from '../../support/upstream/dialects.js';
import { chunk, DONE, frame } from '../../support/upstream/openai-frames.js';
import type { Heard } from './heard.js';

/** A stream as some server sends it, and what a client hears of it in whichever dialect; `finish` in words of Chat Completions. */
export interface OddStream {
  readonly kind: ScriptedKind;
  readonly name: string;
  readonly behaviour: Behaviour;
  readonly heard: Partial<Pick<Heard, 'text' | 'thought' | 'calls' | 'usage' | 'finish'>>;
}

/** One that is no whole answer. `alsoRelayed`: a relay that reads along sees it too. */
export interface BrokenStream {
  readonly kind: ScriptedKind;
  readonly name: string;
  readonly behaviour: Behaviour;
  readonly alsoRelayed: boolean;
}

type Change = (frames: readonly string[]) => readonly string[];
type Wire = Record<string, unknown>;

const TEXT: PlayedAnswer = { text: 'Hello, dear reader.' };
const CALLS: PlayedAnswer = { toolCalls: [PARIS, ZURICH] };
const HEARD_TEXT = { text: 'Hello, dear reader.', finish: 'stop' };
const HEARD_CALLS = { calls: [PARIS, ZURICH].map(({ id, name, arguments: given }) => ({ id, name, given })), finish: 'tool_calls' };

const changed = (answer: PlayedAnswer, segments: Change): Behaviour => plays(answer, { segments });
/** The same in each frame. */
const replaced = (answer: PlayedAnswer, what: string | RegExp, by: string): Behaviour =>
  changed(answer, (frames) => frames.map((one) => one.replaceAll(what, by)));
const without = (answer: PlayedAnswer, what: string): Behaviour => changed(answer, (frames) => frames.filter((one) => !one.includes(what)));
const twice = (answer: PlayedAnswer, what: string): Behaviour =>
  changed(answer, (frames) => frames.flatMap((one) => (one.includes(what) ? [one, one] : [one])));

/** Carriage returns, comments, no space after the colon, fields and events that nobody knows. */
const oddlySpaced: Change = (frames) => [
  ': a comment\r\n\r\n',
  ...frames.map((one) =>
    one
      .replaceAll('\n', '\r\n')
      .replaceAll('data: ', 'data:')
      .replace(/\r\n\r\n$/, '\r\nid: 7\r\nretry: 9\r\n\r\n'),
  ),
];

const delta = (said: object, finish_reason: string | null = null): string => frame(chunk([{ index: 0, delta: said, finish_reason }]));
const calling = (index: number, call: object, called: object): string => delta({ tool_calls: [{ index, ...call, function: called }] });
const first = (index: number, { id, name }: { readonly id: string; readonly name: string }): string =>
  calling(index, { id, type: 'function' }, { name, arguments: '' });
const END_OF_CALLS = [delta({}, 'tool_calls'), DONE];
const halves = (given: object): [string, string] => [JSON.stringify(given).slice(0, 9), JSON.stringify(given).slice(9)];
const [PARIS_1, PARIS_2] = halves(PARIS.arguments);
const [ZURICH_1, ZURICH_2] = halves(ZURICH.arguments);
const rest = (index: number, text: string, again: object = {}, named: object = {}): string =>
  calling(index, again, { ...named, arguments: text });

const CHAT_STREAMS: readonly Omit<OddStream, 'kind'>[] = [
  { name: 'odd spacing', behaviour: changed(TEXT, oddlySpaced), heard: HEARD_TEXT },
  { name: 'no [DONE]', behaviour: without(TEXT, '[DONE]'), heard: HEARD_TEXT },
  { name: 'no role', behaviour: without(TEXT, '"role":"assistant"'), heard: HEARD_TEXT },
  {
    name: "a first chunk without choices, as Azure's",
    behaviour: changed(TEXT, (frames) => [frame(chunk([], { prompt_filter_results: [] })), ...frames]),
    heard: HEARD_TEXT,
  },
  {
    name: 'the finish on the last piece of text',
    behaviour: streams([delta({ role: 'assistant', content: 'Hello, ' }), delta({ content: 'dear reader.' }, 'stop'), DONE]),
    heard: HEARD_TEXT,
  },
  {
    name: 'the arguments of two calls by turns',
    heard: HEARD_CALLS,
    behaviour: streams([
      first(0, PARIS),
      first(1, ZURICH),
      rest(0, PARIS_1),
      rest(1, ZURICH_1),
      rest(0, PARIS_2),
      rest(1, ZURICH_2),
      ...END_OF_CALLS,
    ]),
  },
  {
    name: 'id, type and name again on every piece',
    heard: HEARD_CALLS,
    behaviour: streams([
      ...[PARIS_1, PARIS_2].map((text) => rest(0, text, { id: PARIS.id, type: 'function' }, { name: PARIS.name })),
      ...[ZURICH_1, ZURICH_2].map((text) => rest(1, text, { id: ZURICH.id, type: 'function' }, { name: ZURICH.name })),
      ...END_OF_CALLS,
    ]),
  },
  {
    name: 'an empty id and no name on later pieces',
    heard: HEARD_CALLS,
    behaviour: streams([
      first(0, PARIS),
      ...[PARIS_1, PARIS_2].map((text) => rest(0, text, { id: '' }, { name: null })),
      first(1, ZURICH),
      ...[ZURICH_1, ZURICH_2].map((text) => rest(1, text, { id: null }, { name: '' })),
      ...END_OF_CALLS,
    ]),
  },
  {
    name: 'the same index for every call',
    heard: HEARD_CALLS,
    behaviour: streams([
      first(0, PARIS),
      rest(0, PARIS_1),
      rest(0, PARIS_2),
      first(0, ZURICH),
      rest(0, ZURICH_1),
      rest(0, ZURICH_2),
      ...END_OF_CALLS,
    ]),
  },
  {
    name: '`stop` though tools are called',
    behaviour: replaced(CALLS, '"finish_reason":"tool_calls"', '"finish_reason":"stop"'),
    heard: HEARD_CALLS,
  },
];

/** Some servers give the whole prompt at first, and only at the end say how much of it was cached. */
const SPLIT_LATE = changed(TEXT, (frames) =>
  frames.map((one) =>
    one
      .replace(/"input_tokens":150,"cache_creation_input_tokens":50,"cache_read_input_tokens":1000/, '"input_tokens":1200')
      .replace(/"cache_creation":\{[^}]*\},/, '')
      .replace('"usage":{"output_tokens":80', '"usage":{"input_tokens":200,"cache_read_input_tokens":1000,"output_tokens":80'),
  ),
);

const MESSAGES_STREAMS: readonly Omit<OddStream, 'kind'>[] = [
  { name: 'odd spacing', behaviour: changed(TEXT, oddlySpaced), heard: HEARD_TEXT },
  {
    name: 'events that nobody knows',
    behaviour: changed(TEXT, (frames) =>
      frames.flatMap((one) => [one, 'event: message_mood\ndata: {"type":"message_mood","mood":"fine"}\n\n']),
    ),
    heard: HEARD_TEXT,
  },
  {
    name: 'arguments that stand in the beginning of a call',
    behaviour: changed({ toolCalls: [PARIS] }, (frames) =>
      frames
        .filter((one) => !one.includes('input_json_delta'))
        .map((one) => one.replace('"input":{}', `"input":${JSON.stringify(PARIS.arguments)}`)),
    ),
    heard: { ...HEARD_CALLS, calls: HEARD_CALLS.calls.slice(0, 1) },
  },
  {
    name: '`end_turn` though tools are called',
    behaviour: replaced(CALLS, '"tool_use","stop_seq', '"end_turn","stop_seq'),
    heard: HEARD_CALLS,
  },
  {
    name: 'the share of the cache at the end',
    behaviour: SPLIT_LATE,
    heard: { ...HEARD_TEXT, usage: { prompt: 1200, cacheRead: 1000, output: 80 } },
  },
  {
    name: 'its final figures twice',
    behaviour: twice(TEXT, 'event: message_delta'),
    heard: { ...HEARD_TEXT, usage: { prompt: 1200, cacheRead: 1000, output: 80 } },
  },
];

const RESPONSES_STREAMS: readonly Omit<OddStream, 'kind'>[] = [
  { name: 'odd spacing', behaviour: changed(TEXT, oddlySpaced), heard: HEARD_TEXT },
  { name: '[DONE] at the end', behaviour: changed(TEXT, (frames) => [...frames, DONE]), heard: HEARD_TEXT },
  { name: 'all of it in the last event', behaviour: changed(CALLS, (frames) => [frames[0]!, frames.at(-1)!]), heard: HEARD_CALLS },
  { name: 'texts without pieces', behaviour: without(TEXT, '.delta'), heard: HEARD_TEXT },
  { name: 'arguments without pieces', behaviour: without(CALLS, '.delta'), heard: HEARD_CALLS },
  { name: 'pieces without their wholes', behaviour: without(CALLS, 'arguments.done'), heard: HEARD_CALLS },
];

const OLLAMA_STREAMS: readonly Omit<OddStream, 'kind'>[] = [
  {
    name: 'a last line without its end',
    behaviour: changed(TEXT, (frames) => [...frames.slice(0, -1), frames.at(-1)!.trimEnd()]),
    heard: HEARD_TEXT,
  },
  { name: 'blank lines and carriage returns', behaviour: replaced(TEXT, '\n', '\r\n\r\n'), heard: HEARD_TEXT },
  {
    name: 'a prompt that is not counted',
    behaviour: replaced(TEXT, '"prompt_eval_count":1200,', ''),
    heard: { ...HEARD_TEXT, usage: { prompt: 0, cacheRead: 0, output: 80 } },
  },
  {
    name: 'two calls on one line',
    heard: HEARD_CALLS,
    behaviour: changed(CALLS, ([one, other, ...last]) => [
      one!.replace(/\]\},"done"/, `,${/"tool_calls":\[(.*)\]\},"done"/.exec(other!)![1]!}]},"done"`),
      ...last,
    ]),
  },
];

const of = (kind: ScriptedKind, rows: readonly Omit<OddStream, 'kind'>[]): OddStream[] => rows.map((row) => ({ kind, ...row }));

export const ODD_STREAMS: readonly OddStream[] = [
  ...of('openai-chat', CHAT_STREAMS),
  ...of('anthropic', MESSAGES_STREAMS),
  ...of('openai-responses', RESPONSES_STREAMS),
  ...of('ollama', OLLAMA_STREAMS),
];

const LOST = 'event: content_block_delta\ndata: {"type":"content_block_delta","index":7,"delta":{"type":"text_delta","text":"lost"}}\n\n';
const LOST_ITEM: Wire = {
  type: 'response.output_text.delta',
  item_id: 'msg_7',
  output_index: 7,
  content_index: 0,
  delta: 'lost',
  logprobs: [],
};
const HALF_JSON = 'data: {"type":"respo\n\n';
const beforeLast = (answer: PlayedAnswer, ...more: string[]): Behaviour =>
  changed(answer, (frames) => [...frames.slice(0, -1), ...more, frames.at(-1)!]);

export const BROKEN_STREAMS: readonly BrokenStream[] = [
  { kind: 'openai-chat', name: 'an event that is not JSON', behaviour: beforeLast(TEXT, HALF_JSON), alsoRelayed: false },
  { kind: 'openai-chat', name: '[DONE] before the finish', behaviour: without(TEXT, '"finish_reason":"stop"'), alsoRelayed: true },
  { kind: 'openai-chat', name: 'a call without a name', behaviour: replaced(CALLS, '"name":"get_weather",', ''), alsoRelayed: false },
  { kind: 'anthropic', name: 'the same block twice', behaviour: twice(TEXT, 'event: content_block_start'), alsoRelayed: true },
  { kind: 'anthropic', name: 'a piece of a block that has not begun', behaviour: beforeLast(TEXT, LOST), alsoRelayed: true },
  { kind: 'anthropic', name: 'message_stop without message_delta', behaviour: without(TEXT, 'event: message_delta'), alsoRelayed: true },
  { kind: 'anthropic', name: 'two beginnings', behaviour: twice(TEXT, 'event: message_start'), alsoRelayed: true },
  { kind: 'anthropic', name: 'an event that is not JSON', behaviour: beforeLast(TEXT, `event: ping\n${HALF_JSON}`), alsoRelayed: true },
  {
    kind: 'openai-responses',
    name: 'the same item twice',
    behaviour: twice(TEXT, 'event: response.output_item.added'),
    alsoRelayed: false,
  },
  {
    kind: 'openai-responses',
    name: 'a piece of an item that has not begun',
    behaviour: beforeLast(TEXT, `event: response.output_text.delta\ndata: ${JSON.stringify(LOST_ITEM)}\n\n`),
    alsoRelayed: false,
  },
  { kind: 'openai-responses', name: 'no last event', behaviour: without(CALLS, 'event: response.completed'), alsoRelayed: true },
  { kind: 'openai-responses', name: 'an event that is not JSON', behaviour: beforeLast(TEXT, HALF_JSON), alsoRelayed: true },
  { kind: 'ollama', name: 'no last line', behaviour: without({ toolCalls: [CLOCK] }, '"done":true'), alsoRelayed: true },
  { kind: 'ollama', name: 'a line that is not JSON', behaviour: beforeLast(TEXT, '{"message":\n'), alsoRelayed: true },
  { kind: 'ollama', name: 'a line without a message', behaviour: beforeLast(TEXT, '{"hello":"world"}\n'), alsoRelayed: true },
  { kind: 'ollama', name: 'a call without a name', behaviour: replaced(CALLS, '"name":"get_weather",', ''), alsoRelayed: true },
];
