/** An answer in no dialect's words, for the upstream to say in whichever it is asked in. */
export interface PlayedAnswer {
  readonly text?: string;
  /** The thought before the answer. Where a dialect has no place for a signature, or for thoughts at all, it is left out. */
  readonly reasoning?: { readonly text: string; readonly signature?: string };
  readonly toolCalls?: readonly PlayedCall[];
  readonly usage?: PlayedUsage;
  /** `tool_calls` where there are any, else `stop`. */
  readonly finish?: PlayedFinish;
}

export type PlayedFinish = 'stop' | 'tool_calls' | 'length' | 'content_filter';

export interface PlayedCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
}

/** Disjoint counts, but that `reasoning` is part of `output`. */
export interface PlayedUsage {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly output: number;
  readonly reasoning: number;
}

export const PLAYED_USAGE: PlayedUsage = { input: 150, cacheRead: 1000, cacheWrite: 50, output: 80, reasoning: 30 };
export const PLAYED_TEXT = 'Grüße aus 世界 👋🏽, dear reader.';
export const PLAYED_THOUGHT = { text: 'They want a greeting; Zürich is 東 of here.', signature: 'c2lnbmF0dXJlLXNjcmlwdGVk' };

export const PARIS: PlayedCall = { id: 'call_paris', name: 'get_weather', arguments: { city: 'Paris', days: 2 } };
export const ZURICH: PlayedCall = { id: 'call_zurich', name: 'get_weather', arguments: { city: 'Zürich 🏔️' } };
/** A call of a tool that takes nothing. */
export const CLOCK: PlayedCall = { id: 'call_clock', name: 'get_time', arguments: {} };

export function wholePrompt({ input, cacheRead, cacheWrite }: PlayedUsage): number {
  return input + cacheRead + cacheWrite;
}

export function finishOf({ finish, toolCalls }: PlayedAnswer): PlayedFinish {
  return finish ?? (toolCalls?.length ? 'tool_calls' : 'stop');
}

/** A text in pieces of a few characters, never half of one. */
export function piecesOf(text: string, length = 7): string[] {
  const characters = Array.from(text);
  return Array.from({ length: Math.ceil(characters.length / length) }, (_, at) =>
    characters.slice(at * length, (at + 1) * length).join(''),
  );
}

/** What an upstream was asked, as far as an answer repeats it. */
export interface Asked {
  readonly model: string;
  readonly stream: boolean;
  readonly body: Readonly<Record<string, unknown>>;
}

/** How one dialect says an answer and an error. */
export interface WireVoice {
  readonly streamType: string;
  /** Does a request that says nothing of `stream` get one? */
  readonly streamsUnasked?: true;
  plain(answer: PlayedAnswer, asked: Asked): object;
  frames(answer: PlayedAnswer, asked: Asked): string[];
  /** The body of an answer with this status. */
  error(status: number, message: string): object;
  /** An error inside a stream that has begun; `position` counts the frames before it. */
  errorFrame(message: string, position: number): string;
}

export const SSE = 'text/event-stream; charset=utf-8';
