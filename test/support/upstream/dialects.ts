import type { OutgoingHttpHeaders } from 'node:http';
import { answers, JSON_TYPE, streams, type StreamOptions } from './behaviours.js';
import type { Behaviour, Exchange } from './exchange.js';
import { CHAT_VOICES } from './wire/chat.js';
import { ollamaEmbeddings, openaiEmbeddings } from './wire/embeddings.js';
import { MESSAGES_VOICE } from './wire/messages.js';
import { OLLAMA_VOICE } from './wire/ollama.js';
import { PLAYED_TEXT, type Asked, type PlayedAnswer, type WireVoice } from './wire/played-answer.js';
import { RESPONSES_VOICE } from './wire/responses.js';

/**
 * The upstream as a provider of every dialect: which one it plays is decided by the path that was asked, and for the relatives
 * of Chat Completions by what stands before it (`/deepseek/…`, `/openrouter/…`). The frames are written from the published
 * protocols, never by the gateway's own encoders.
 */

export { CLOCK, PARIS, PLAYED_TEXT, PLAYED_THOUGHT, PLAYED_USAGE, ZURICH } from './wire/played-answer.js';
export type { PlayedAnswer, PlayedCall, PlayedUsage } from './wire/played-answer.js';
export { OPENROUTER_COST } from './wire/chat.js';
export { EMBEDDING_TOKENS, vectorOf } from './wire/embeddings.js';

export const COUNTED_TOKENS = 42;

export interface Staging extends Omit<StreamOptions, 'headers'> {
  /** What is made of the frames of a stream before they go out: some left out, said twice, or cut into other segments. */
  readonly segments?: (frames: readonly string[]) => readonly (string | Buffer)[];
}

/** Says `answer`, streamed or plain as asked, in the dialect of the path; embeddings and token counts have answers of their own. */
export function plays(answer: PlayedAnswer = { text: PLAYED_TEXT }, staging: Staging = {}): Behaviour {
  return (exchange) => {
    const special = specialAnswer(exchange);
    if (special) return answers(special)(exchange);
    const voice = voiceOf(exchange);
    const asked = askedOf(exchange, voice);
    if (!asked.stream) return answers(voice.plain(answer, asked))(exchange);
    const { segments, ...options } = staging;
    const frames = voice.frames(answer, asked);
    return streams(segments?.(frames) ?? frames, { ...options, headers: { 'content-type': voice.streamType } })(exchange);
  };
}

/** Refuses with this status, in the words of the dialect. */
export function refusesInKind(status: number, message = `scripted ${status}`, headers: OutgoingHttpHeaders = {}): Behaviour {
  return (exchange) => answers(voiceOf(exchange).error(status, message), status, { ...JSON_TYPE, ...headers })(exchange);
}

/** Says with status 200 that it failed. */
export function failsWith200(message = 'the model fell over'): Behaviour {
  return (exchange) => answers(voiceOf(exchange).error(500, message))(exchange);
}

/** Streams all but the last `without` frames of `answer`, then an error in the words of the dialect, and closes. */
export function failsMidStream(answer: PlayedAnswer = { text: PLAYED_TEXT }, message = 'the model fell over', without = 3): Behaviour {
  return (exchange) => {
    const { errorFrame } = voiceOf(exchange);
    const segments = (frames: readonly string[]): string[] => {
      const begun = frames.slice(0, -without);
      return [...begun, errorFrame(message, begun.length)];
    };
    return plays(answer, { segments })(exchange);
  };
}

/** Streams all but the last `without` frames of `answer`, and ends as if that were all. */
export function stopsShort(answer: PlayedAnswer = { text: PLAYED_TEXT }, without = 3, options: Pick<Staging, 'finally'> = {}): Behaviour {
  return plays(answer, { ...options, segments: (frames) => frames.slice(0, -without) });
}

function askedOf({ attempt }: Exchange, voice: WireVoice): Asked {
  const body = attempt.json;
  const stream = body['stream'] ?? voice.streamsUnasked ?? false;
  return { body, model: String(body['model']), stream: stream === true };
}

function voiceOf({ attempt }: Exchange): WireVoice {
  const path = pathOf(attempt.path);
  if (path.endsWith('/responses')) return RESPONSES_VOICE;
  if (path.endsWith('/messages') || path.endsWith('/messages/count_tokens')) return MESSAGES_VOICE;
  if (path.includes('/api/') && !path.includes('/v1/')) return OLLAMA_VOICE;
  const flavour = /\/(deepseek|openrouter)\//.exec(path)?.[1] as 'deepseek' | 'openrouter' | undefined;
  return CHAT_VOICES[flavour ?? 'openai'];
}

function specialAnswer({ attempt }: Exchange): object | undefined {
  const path = pathOf(attempt.path);
  if (path.endsWith('/embeddings')) return openaiEmbeddings(attempt.json);
  if (path.endsWith('/api/embed')) return ollamaEmbeddings(attempt.json);
  return path.endsWith('/messages/count_tokens') ? { input_tokens: COUNTED_TOKENS } : undefined;
}

function pathOf(url: string): string {
  return new URL(url, 'http://upstream').pathname;
}
