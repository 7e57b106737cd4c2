import { expect } from '@jest/globals';

/** What a client has understood, in no dialect's words. */
export interface Heard {
  readonly text: string;
  readonly thought: string;
  readonly calls: readonly HeardCall[];
  /** In the words of the dialect; undefined where the answer did not come to its end. */
  readonly finish: string | undefined;
  readonly usage: HeardUsage | undefined;
  /** The error that stood in the stream, or instead of the answer. */
  readonly error: HeardError | undefined;
}

export interface HeardCall {
  readonly id: string;
  readonly name: string;
  readonly given: unknown;
}

export interface HeardUsage {
  /** The whole prompt. */
  readonly prompt: number;
  readonly cacheRead: number;
  readonly output: number;
}

export interface HeardError {
  readonly type: string;
  readonly code: string | undefined;
  readonly message: string;
  readonly requestId: string;
}

export type Wire = Record<string, unknown>;

/** What has come of an answer so far. */
export class Hearing {
  text = '';
  thought = '';
  finish: string | undefined;
  usage: HeardUsage | undefined;
  error: HeardError | undefined;
  private readonly calls = new Map<number, { id: string; name: string; given: string }>();

  call(index: number, id: string, name: string): void {
    if (this.calls.has(index)) throw new Error(`call ${index} began twice`);
    this.calls.set(index, { id, name, given: '' });
  }

  given(index: number, piece: string): void {
    const call = this.calls.get(index);
    if (!call) throw new Error(`arguments of call ${index}, which has not begun`);
    call.given += piece;
  }

  hasCall(index: number): boolean {
    return this.calls.has(index);
  }

  givenTo(index: number): string | undefined {
    return this.calls.get(index)?.given;
  }

  /** Arguments are JSON only where the answer came to its end. */
  get heard(): Heard {
    const { text, thought, finish, usage, error } = this;
    const whole = finish !== undefined && error === undefined;
    const calls = [...this.calls.values()].map(({ id, name, given }) => ({
      id,
      name,
      given: whole ? (JSON.parse(given) as unknown) : given,
    }));
    return { text, thought, calls, finish, usage, error };
  }
}

/** The data of each event, and its name if it has one. Comments are nothing. */
export function eventsOf(stream: string): { readonly name: string | undefined; readonly data: string }[] {
  const frames = stream.split('\n\n').filter((frame) => frame !== '');
  expect(stream.endsWith('\n\n')).toBe(true);
  return frames
    .filter((frame) => !frame.startsWith(':'))
    .map((frame) => {
      const lines = frame.split('\n').map((line) => /^(event|data): (.*)$/s.exec(line));
      const valueOf = (field: string): string | undefined => lines.find((line) => line?.[1] === field)?.[2];
      return { name: valueOf('event'), data: valueOf('data') ?? '' };
    });
}

export function wireOf(json: string): Wire {
  return JSON.parse(json) as Wire;
}

/** An error in OpenAI's words. */
export function openaiErrorOf(error: unknown): HeardError {
  const { type, code, message, request_id } = error as Wire;
  return { type: String(type), code: (code as string | null) ?? undefined, message: String(message), requestId: String(request_id) };
}
