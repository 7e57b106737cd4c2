// What goes over the wire: the request that is sent and the answers that the upstream stub has ready, in the exact form of OpenAI or Anthropic.

/**
 * How the stub answers. A stream has `chunks` pieces of text of about `chunkBytes` each: one every `intervalMs`, or, with 0,
 * flat out with `perWrite` pieces in one write.
 * @typedef {{ latencyMs: number, chunks: number, chunkBytes: number, intervalMs: number, perWrite: number }} Scenario
 */

/**
 * A stream in ready-made pieces, HTTP framing included: what comes first, each piece of text in turn, many of them at once, the end.
 * @typedef {{ head: Buffer, words: Buffer[], burst: Buffer, tail: Buffer }} StreamScript
 */

/** @type {Scenario} */
export const PLAIN = { latencyMs: 0, chunks: 20, chunkBytes: 340, intervalMs: 0, perWrite: 20 };

const ID = 'chatcmpl-CfT0llGateBenchChatCompletion1';
const MODEL = 'gpt-4o-mini-2024-07-18';
/** The model whose provider speaks Anthropic's dialect. */
export const CLAUDE = 'claude-bench';
const USAGE = {
  prompt_tokens: 196,
  completion_tokens: 120,
  total_tokens: 316,
  prompt_tokens_details: { cached_tokens: 0, audio_tokens: 0 },
  completion_tokens_details: { reasoning_tokens: 0, audio_tokens: 0, accepted_prediction_tokens: 0, rejected_prediction_tokens: 0 },
};
const WORDS = [
  'the',
  ' gate',
  ' opens',
  ' when',
  ' a',
  ' toll',
  ' is',
  ' paid',
  ',',
  ' and',
  ' not',
  ' before',
  '.',
  ' It',
  ' keeps',
  ' count',
];

const SHARED_HEADERS =
  'date: Sat, 21 Nov 2026 08:00:00 GMT\r\nopenai-organization: bench\r\nopenai-processing-ms: 1\r\nopenai-version: 2020-10-01\r\n' +
  'x-ratelimit-limit-requests: 10000\r\nx-ratelimit-remaining-requests: 9999\r\nx-request-id: req_0123456789abcdef0123456789abcdef\r\n';

/** @typedef {'plain' | 'stream' | 'stream+usage' | 'translated'} Call `translated`: a stream with usage, of a model that speaks Anthropic's dialect */

/**
 * About 1 KB in four messages.
 * @param {Call} kind
 */
export function toRequestBody(kind) {
  const body = {
    model: 'gpt-4o-mini',
    messages: [
      { role: 'system', content: 'You answer questions about opening times, tickets and travel. ' + prose(300) },
      { role: 'user', content: 'When does the museum open, and is it “free” for pupils? ' + prose(120) },
      { role: 'assistant', content: 'It opens at ten. Pupils get in free on Sundays. ' + prose(120) },
      { role: 'user', content: 'Then plan a Sunday for a class of thirty, please. ' + prose(60) },
    ],
    temperature: 0.7,
    max_tokens: 256,
  };
  if (kind === 'plain') return JSON.stringify(body);
  const asked = { ...body, stream: true, ...(kind !== 'stream' && { stream_options: { include_usage: true } }) };
  return JSON.stringify(kind === 'translated' ? { ...asked, model: CLAUDE, provider: 'anthropic' } : asked);
}

/**
 * One whole request, byte for byte.
 * @param {string} body
 * @param {string} key
 */
export function toRequest(body, key) {
  const head =
    'POST /v1/chat/completions HTTP/1.1\r\nhost: 127.0.0.1\r\nconnection: keep-alive\r\naccept: application/json\r\n' +
    `content-type: application/json\r\nuser-agent: tollgate-bench\r\nauthorization: Bearer ${key}\r\n`;
  return Buffer.from(`${head}content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
}

const PLAIN_BODY = JSON.stringify({
  id: ID,
  object: 'chat.completion',
  created: 1795248000,
  model: MODEL,
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: prose(400), refusal: null, annotations: [] },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: USAGE,
  service_tier: 'default',
  system_fingerprint: 'fp_b1c2d3e4f5',
});

export const PLAIN_BODY_BYTES = Buffer.byteLength(PLAIN_BODY);

export const PLAIN_ANSWER = Buffer.from(
  `HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n${SHARED_HEADERS}content-length: ${PLAIN_BODY_BYTES}\r\n\r\n${PLAIN_BODY}`,
);

/**
 * @param {Scenario} scenario
 * @param {boolean} withUsage the request asked for it: then every chunk has a `usage` member and one more chunk carries the figures
 * @returns {StreamScript}
 */
export function toStreamScript({ chunkBytes, perWrite }, withUsage) {
  const usage = withUsage ? { usage: null } : {};
  const first = frame({ choices: [choice({ role: 'assistant', content: '', refusal: null })], ...usage, obfuscation: 'Hx1' });
  const words = WORDS.map((word) => padded({ choices: [choice({ content: word })], ...usage }, chunkBytes));
  const last = frame({ choices: [choice({}, 'stop')], ...usage, obfuscation: 'q' });
  const report = withUsage ? frame({ choices: [], usage: USAGE, obfuscation: 'Z8w' }) : '';
  const head = `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\n${SHARED_HEADERS}transfer-encoding: chunked\r\n\r\n`;
  return {
    head: Buffer.from(head + wrapped(first)),
    words: words.map((word) => Buffer.from(wrapped(word))),
    burst: Buffer.from(Array.from({ length: perWrite }, (_, at) => wrapped(words[at % words.length] ?? '')).join('')),
    tail: Buffer.from(wrapped(last) + (report && wrapped(report)) + wrapped('data: [DONE]\n\n') + '0\r\n\r\n'),
  };
}

/**
 * The same stream as Anthropic sends it. Its pieces of text are longer, so that its frames are as long as OpenAI's.
 * @param {Scenario} scenario
 * @returns {StreamScript}
 */
export function toAnthropicScript({ chunkBytes, perWrite }) {
  const usage = { input_tokens: 196, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 1 };
  const message = { id: 'msg_01CfT0llGateBench', type: 'message', role: 'assistant', model: CLAUDE, content: [] };
  const start = { message: { ...message, stop_reason: null, stop_sequence: null, usage } };
  const first = event('message_start', start) + event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } });
  const bare = Buffer.byteLength(spoken(''));
  const words = WORDS.map((word) => spoken((word + prose(chunkBytes)).slice(0, Math.max(1, chunkBytes - bare))));
  const stop = { delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 120 } };
  const last = event('content_block_stop', { index: 0 }) + event('message_delta', stop) + event('message_stop', {});
  const head = `HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\nrequest-id: req_bench\r\ntransfer-encoding: chunked\r\n\r\n`;
  return {
    head: Buffer.from(head + wrapped(first)),
    words: words.map((word) => Buffer.from(wrapped(word))),
    burst: Buffer.from(Array.from({ length: perWrite }, (_, at) => wrapped(words[at % words.length] ?? '')).join('')),
    tail: Buffer.from(`${wrapped(last)}0\r\n\r\n`),
  };
}

/**
 * The frames of a whole stream: role, text, finish, usage where it was asked for, [DONE].
 * @param {number} chunks
 * @param {boolean} withUsage
 */
export function toFrameCount(chunks, withUsage) {
  return chunks + (withUsage ? 4 : 3);
}

/** @param {number} length */
function prose(length) {
  return 'Doors open at ten, the last tour leaves at four, and groups ring ahead. '.repeat(Math.ceil(length / 72)).slice(0, length);
}

/** @param {object} delta @param {string | null} [reason] */
function choice(delta, reason = null) {
  return { index: 0, delta, logprobs: null, finish_reason: reason };
}

/** @param {string} text */
function spoken(text) {
  return event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } });
}

/** @param {string} type @param {object} rest */
function event(type, rest) {
  return `event: ${type}\ndata: ${JSON.stringify({ type, ...rest })}\n\n`;
}

/** @param {object} rest */
function frame(rest) {
  const chunk = { id: ID, object: 'chat.completion.chunk', created: 1795248000, model: MODEL, service_tier: 'default' };
  return `data: ${JSON.stringify({ ...chunk, system_fingerprint: 'fp_b1c2d3e4f5', ...rest })}\n\n`;
}

/** A frame of exactly `bytes`, filled up with `obfuscation` as OpenAI does. @param {object} rest @param {number} bytes */
function padded(rest, bytes) {
  const bare = frame({ ...rest, obfuscation: '' });
  return frame({ ...rest, obfuscation: 'x7Kq'.repeat(bytes).slice(0, Math.max(0, bytes - Buffer.byteLength(bare))) });
}

/** @param {string} payload */
function wrapped(payload) {
  return `${Buffer.byteLength(payload).toString(16)}\r\n${payload}\r\n`;
}
