import type { EventSink, FinishReason } from '../../core/answer-event.js';
import { GatewayError } from '../../core/errors.js';
import { NO_USAGE, type Usage } from '../../core/usage.js';
import { toTokens } from '../wire-usage.js';
import { toLogprobs } from './ollama.logprobs.js';
import { toErrorOfAnswer } from './ollama.upstream-error.js';
import { isObject, toArgumentsText } from './json-object.js';

/** Digits of a time that still leave room for the rest of an id: other dialects take 40 characters. */
const MAX_TIME_DIGITS = 27;

/** Tells what the lines of an answer say. A plain answer is one line that says everything. */
export class AnswerLines {
  /** The last line has come. */
  isDone = false;
  private begun = false;
  private calls = 0;
  /** Makes ids of different answers differ: one conversation holds many answers. */
  private idStem = 'call_';
  private readonly logprobs: unknown[] = [];

  constructor(private readonly sink: EventSink) {}

  /** Reads one line as it came. Throws a `GatewayError` for a reported error and for what is no line of an answer. */
  read(text: string): void {
    if (this.isDone || text.trim() === '') return;
    const line = parseLine(text);
    if (line['error'] != null) throw toErrorOfAnswer(line['error']);
    const isLast = line['done'] === true;
    const { message } = line;
    if (!isObject(message) && !(isLast && message == null)) throw notAnAnswer('a line without a message');
    this.begin(line);
    if (isObject(message)) this.readMessage(message, toLogprobs(line['logprobs']));
    if (isLast) this.finish(line);
  }

  private begin({ model, created_at: createdAt }: Record<string, unknown>): void {
    if (this.begun) return;
    this.begun = true;
    if (typeof createdAt === 'string') this.idStem += `${createdAt.replaceAll(/\D/g, '').slice(0, MAX_TIME_DIGITS)}_`;
    this.sink({ kind: 'start', ...(typeof model === 'string' && { model }) });
  }

  private readMessage(message: Record<string, unknown>, logprobs: readonly unknown[]): void {
    this.logprobs.push(...logprobs);
    const thinking = textOf(message, 'thinking');
    if (thinking !== '') this.sink({ kind: 'reasoning', choice: 0, text: thinking });
    const text = textOf(message, 'content');
    if (text !== '') this.readText(text);
    const calls = message['tool_calls'] ?? [];
    if (!Array.isArray(calls)) throw notAnAnswer('`tool_calls` that are no list');
    for (const call of calls) this.readCall(call);
  }

  /** While the server looks for a tool call, probabilities come on lines without a text: they belong to the next one. */
  private readText(text: string): void {
    const logprobs = this.logprobs.splice(0);
    this.sink({ kind: 'text', choice: 0, text, ...(logprobs.length > 0 && { logprobs }) });
  }

  private readCall(wire: unknown): void {
    const { id, function: tool } = isObject(wire) ? wire : {};
    const { name, arguments: members } = isObject(tool) ? tool : {};
    const text = toArgumentsText(members);
    if (typeof name !== 'string' || name === '' || text === undefined) throw notAnAnswer('a tool call without a name or arguments');
    const call = this.calls++;
    this.sink({ kind: 'tool_call', choice: 0, call, id: typeof id === 'string' && id !== '' ? id : `${this.idStem}${call}`, name });
    this.sink({ kind: 'tool_arguments', choice: 0, call, text });
  }

  private finish(line: Record<string, unknown>): void {
    this.isDone = true;
    this.sink({ kind: 'finish', choice: 0, reason: this.reasonOf(line['done_reason']) });
    const usage = toUsage(line);
    if (usage) this.sink({ kind: 'usage', usage });
    this.sink({ kind: 'end' });
  }

  /** The server says `stop` also after tool calls. */
  private reasonOf(doneReason: unknown): FinishReason {
    if (doneReason === 'length') return 'length';
    return this.calls > 0 ? 'tool_calls' : 'stop';
  }
}

export function notAnAnswer(what: string): GatewayError {
  return new GatewayError('upstream_protocol', `The provider sent ${what}.`);
}

function parseLine(text: string): Record<string, unknown> {
  let line: unknown;
  try {
    line = JSON.parse(text);
  } catch {
    throw notAnAnswer('a line that is not JSON');
  }
  if (!isObject(line)) throw notAnAnswer('a line that is no object');
  return line;
}

function textOf(message: Record<string, unknown>, key: 'content' | 'thinking'): string {
  const text = message[key] ?? '';
  if (typeof text !== 'string') throw notAnAnswer(`a message whose \`${key}\` is no text`);
  return text;
}

/** The counts of the last line. A count of 0 is left out by the server, and so is that of a prompt it had cached. */
function toUsage({ prompt_eval_count: prompt, eval_count: generated }: Record<string, unknown>): Usage | undefined {
  const [input, output] = [toTokens(prompt), toTokens(generated)];
  if (input === undefined && output === undefined) return undefined;
  return { ...NO_USAGE, input: input ?? 0, output: output ?? 0 };
}
