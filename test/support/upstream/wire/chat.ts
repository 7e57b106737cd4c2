import { DONE, frame } from '../openai-frames.js';
import {
  finishOf,
  piecesOf,
  PLAYED_USAGE,
  SSE,
  wholePrompt,
  type Asked,
  type PlayedAnswer,
  type PlayedCall,
  type PlayedUsage,
  type WireVoice,
} from './played-answer.js';

type Wire = Record<string, unknown>;

/** Where the relatives of Chat Completions differ from OpenAI's own. */
interface Flavour {
  /** The thought, as members of a message or a delta. */
  thought(text: string, signature?: string): Wire;
  /** What brings the signature of a thought that came in pieces. */
  proof?(signature: string): Wire;
  usage(usage: PlayedUsage): Wire;
  /** `apart`: a chunk without choices, only when asked for · `on-finish`: riding on the finish chunk · `last`: on a chunk with an empty delta. */
  readonly usagePlace: 'apart' | 'on-finish' | 'last';
  /** A comment that keeps the connection open while the model loads. */
  readonly comment?: string;
  /** More members of a choice. */
  choice(finish: string | null): Wire;
  error(status: number, message: string): object;
  errorFrame(message: string): string;
}

const TYPES: Readonly<Record<number, readonly [type: string, code: string | null]>> = {
  400: ['invalid_request_error', null],
  401: ['invalid_request_error', 'invalid_api_key'],
  403: ['invalid_request_error', 'unsupported_country_region_territory'],
  404: ['invalid_request_error', 'model_not_found'],
  429: ['requests', 'rate_limit_exceeded'],
};

/** An error as OpenAI words it, with all four members. */
export function openaiError(status: number, message: string): { readonly error: Wire } {
  const [type, code] = TYPES[status] ?? ['server_error', null];
  return { error: { message, type, param: null, code } };
}

function openaiUsage(usage: PlayedUsage): Wire {
  const prompt = wholePrompt(usage);
  return {
    prompt_tokens: prompt,
    completion_tokens: usage.output,
    total_tokens: prompt + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cacheRead, cache_write_tokens: usage.cacheWrite, audio_tokens: 0 },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoning,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}

const OPENAI: Flavour = {
  // OpenAI shows no thoughts here; it only counts them.
  thought: () => ({}),
  usage: openaiUsage,
  usagePlace: 'apart',
  choice: () => ({ logprobs: null }),
  error: openaiError,
  errorFrame: (message) => frame(JSON.stringify(openaiError(500, message))),
};

const DEEPSEEK: Flavour = {
  ...OPENAI,
  thought: (text) => ({ reasoning_content: text }),
  usage: (usage) => ({
    prompt_tokens: wholePrompt(usage),
    completion_tokens: usage.output,
    total_tokens: wholePrompt(usage) + usage.output,
    prompt_tokens_details: { cached_tokens: usage.cacheRead },
    completion_tokens_details: { reasoning_tokens: usage.reasoning },
    prompt_cache_hit_tokens: usage.cacheRead,
    prompt_cache_miss_tokens: usage.input + usage.cacheWrite,
  }),
  usagePlace: 'on-finish',
  comment: ': keep-alive\n\n',
};

/** US dollars that OpenRouter says each call has cost. */
export const OPENROUTER_COST = 0.0125;

function detailOf(text: string, signature?: string): Wire {
  const proof = signature === undefined ? {} : { signature };
  return { type: 'reasoning.text', text, ...proof, format: 'anthropic-claude-v1', index: 0 };
}

const OPENROUTER: Flavour = {
  thought: (text, signature) => ({ reasoning: text, reasoning_details: [detailOf(text, signature)] }),
  proof: (signature) => ({ reasoning_details: [detailOf('', signature)] }),
  usage: (usage) => ({
    prompt_tokens: wholePrompt(usage),
    completion_tokens: usage.output,
    total_tokens: wholePrompt(usage) + usage.output,
    cost: OPENROUTER_COST,
    cost_details: { upstream_inference_cost: null },
    prompt_tokens_details: { cached_tokens: usage.cacheRead },
    completion_tokens_details: { reasoning_tokens: usage.reasoning },
  }),
  usagePlace: 'last',
  comment: ': OPENROUTER PROCESSING\n\n',
  choice: (finish) => ({ logprobs: null, native_finish_reason: finish }),
  error: (status, message) => ({ error: { code: status, message, metadata: { provider_name: 'scripted' } }, user_id: 'user_scripted' }),
  errorFrame: (message) =>
    frame(
      JSON.stringify({
        ...head('gen-scripted', 'scripted'),
        error: { code: 502, message },
        choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }],
      }),
    ),
};

function head(id: string, model: string): Wire {
  return { id, object: 'chat.completion.chunk', created: 1_790_000_000, model };
}

function toWireCall({ id, name, arguments: given }: PlayedCall): Wire {
  return { id, type: 'function', function: { name, arguments: JSON.stringify(given) } };
}

function plain(flavour: Flavour, answer: PlayedAnswer, { model }: Asked): Wire {
  const { text, reasoning, toolCalls, usage = PLAYED_USAGE } = answer;
  const finish = finishOf(answer);
  const message = {
    role: 'assistant',
    content: text ?? null,
    refusal: null,
    ...(reasoning && flavour.thought(reasoning.text, reasoning.signature)),
    ...(toolCalls?.length ? { tool_calls: toolCalls.map(toWireCall) } : {}),
  };
  return {
    ...head('chatcmpl-scripted', model),
    object: 'chat.completion',
    choices: [{ index: 0, message, ...flavour.choice(finish), finish_reason: finish }],
    usage: flavour.usage(usage),
    system_fingerprint: 'fp_scripted',
  };
}

/** The deltas of an answer, in the order of the wire. */
function deltasOf(flavour: Flavour, { text, reasoning, toolCalls = [] }: PlayedAnswer): Wire[] {
  const thoughts = piecesOf(reasoning?.text ?? '').map((piece) => flavour.thought(piece));
  const proof = reasoning?.signature === undefined ? {} : (flavour.proof?.(reasoning.signature) ?? {});
  const calls = toolCalls.flatMap(({ id, name, arguments: given }, index) => [
    { tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] },
    ...piecesOf(JSON.stringify(given)).map((piece) => ({ tool_calls: [{ index, function: { arguments: piece } }] })),
  ]);
  const deltas: Wire[] = [...thoughts, proof, ...piecesOf(text ?? '').map((content) => ({ content })), ...calls];
  const opening = { role: 'assistant', content: text === undefined ? null : '', refusal: null };
  return [opening, ...deltas.filter((delta) => Object.keys(delta).length > 0)];
}

function frames(flavour: Flavour, answer: PlayedAnswer, { model, body }: Asked): string[] {
  const { stream_options: options } = body as { readonly stream_options?: { readonly include_usage?: boolean } | null };
  const wantsUsage = options?.include_usage === true;
  const place = flavour.usagePlace;
  const usage = { usage: flavour.usage(answer.usage ?? PLAYED_USAGE) };
  const nulled = wantsUsage && place === 'apart' ? { usage: null } : {};
  const finish = finishOf(answer);
  const choice = (delta: Wire, reason: string | null = null): Wire => ({
    index: 0,
    delta,
    ...flavour.choice(reason),
    finish_reason: reason,
  });
  const chunk = (choices: readonly Wire[], tail: Wire = nulled): string =>
    frame(JSON.stringify({ ...head('chatcmpl-scripted', model), system_fingerprint: 'fp_scripted', choices, ...tail }));
  return [
    ...(flavour.comment === undefined ? [] : [flavour.comment]),
    ...deltasOf(flavour, answer).map((delta) => chunk([choice(delta)])),
    chunk([choice({}, finish)], place === 'on-finish' ? usage : nulled),
    ...(place === 'apart' && wantsUsage ? [chunk([], usage)] : []),
    ...(place === 'last' ? [chunk([choice({ role: 'assistant', content: '' })], usage)] : []),
    DONE,
  ];
}

function voiceOf(flavour: Flavour): WireVoice {
  return {
    streamType: SSE,
    plain: (answer, asked) => plain(flavour, answer, asked),
    frames: (answer, asked) => frames(flavour, answer, asked),
    error: flavour.error,
    errorFrame: flavour.errorFrame,
  };
}

export const CHAT_VOICES = { openai: voiceOf(OPENAI), deepseek: voiceOf(DEEPSEEK), openrouter: voiceOf(OPENROUTER) };
