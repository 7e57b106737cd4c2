import { USAGE } from './openai-answers.js';

/**
 * Where a stream reports its usage. `openai`: null on every chunk, then a chunk of its own · `apart`: only the chunk of its own ·
 * `on-finish`: riding on the chunk with the finish reason · `on-every`: running figures on each chunk · `none`: never.
 */
export type UsagePlace = 'openai' | 'apart' | 'on-finish' | 'on-every' | 'none';

export interface StreamShape {
  readonly text?: readonly string[];
  readonly usage?: UsagePlace;
  /** Ends with `[DONE]` unless false. */
  readonly done?: boolean;
  readonly eol?: '\n' | '\r\n';
}

export const DONE = 'data: [DONE]\n\n';

/** Text that a careless reader trips over: multi-byte characters, line separators, and what looks like wire syntax. */
export const TRICKY_TEXT = [
  'Grüße, 世界 👋🏽 ',
  'a\u2028b\u2029c ',
  '"usage":null ',
  ',"usage":null}\n\ndata: [DONE]\n\n ',
  '{"usage":{"prompt_tokens":1}} ',
  'the end 🏁',
];

type Tail = Record<string, unknown>;

/** One chunk as OpenAI writes it. `tail` comes after the choices, where OpenAI puts usage. */
export function chunk(choices: readonly object[], tail: Tail = {}): string {
  return JSON.stringify({
    id: 'chatcmpl-scripted',
    object: 'chat.completion.chunk',
    created: 1_790_000_000,
    model: 'scripted-model-2026-11-01',
    service_tier: 'default',
    system_fingerprint: 'fp_scripted',
    choices,
    ...tail,
    obfuscation: 'aB3',
    x_vendor: { shard: 7 },
  });
}

export function frame(data: string, eol = '\n'): string {
  return `data: ${data}${eol}${eol}`;
}

function choice(delta: object, finish_reason: string | null = null): object {
  return { index: 0, delta, logprobs: null, finish_reason };
}

/** A whole stream, frame by frame. The same shape with `usage: 'none'` is what a client may see that asked for no usage. */
export function streamFrames(shape: StreamShape = {}): string[] {
  const text = shape.text ?? ['Hel', 'lo', '.'];
  const deltas = [choice({ role: 'assistant', content: '', refusal: null }), ...text.map((content) => choice({ content }))];
  return framesOf(deltas, choice({}, 'stop'), shape);
}

/** A stream that calls two tools, arguments in pieces. */
export function toolCallFrames(shape: StreamShape = {}): string[] {
  const first = { id: 'call_1', type: 'function', function: { name: 'get_weather', arguments: '' } };
  const second = { id: 'call_2', type: 'function', function: { name: 'get_time', arguments: '' } };
  const tool = (index: number, call: object): object => choice({ tool_calls: [{ index, ...call }] });
  const piece = (index: number, text: string): object => tool(index, { function: { arguments: text } });
  const deltas = [
    choice({ role: 'assistant', content: null, refusal: null }),
    tool(0, first),
    ...['{"ci', 'ty":"Zü', 'rich"}'].map((text) => piece(0, text)),
    tool(1, second),
    ...['{"zone":', '"CET"}'].map((text) => piece(1, text)),
  ];
  return framesOf(deltas, choice({}, 'tool_calls'), shape);
}

function framesOf(deltas: readonly object[], finish: object, shape: StreamShape): string[] {
  const usage = shape.usage ?? 'openai';
  const eol = shape.eol ?? '\n';
  const tail: Tail = usage === 'openai' ? { usage: null } : usage === 'on-every' ? { usage: USAGE } : {};
  const chunks = deltas.map((delta) => chunk([delta], tail));
  chunks.push(chunk([finish], usage === 'on-finish' ? { usage: USAGE } : tail));
  if (usage === 'openai' || usage === 'apart') chunks.push(chunk([], { usage: USAGE }));
  if (shape.done !== false) chunks.push('[DONE]');
  return chunks.map((data) => frame(data, eol));
}

/** An error as the only or the last thing a stream says. */
export function errorFrame(message = 'the model fell over'): string {
  return frame(JSON.stringify({ error: { message, type: 'server_error', param: null, code: null } }));
}
