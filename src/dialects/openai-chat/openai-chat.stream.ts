import { type AnswerReader, type AnswerReading, NO_BYTES } from '../../core/answer.js';
import { GatewayError } from '../../core/errors.js';
import { removal, splice, topLevelMembers } from '../../core/json-members.js';
import type { Usage } from '../../core/usage.js';
import { FrameSplitter, frameEnd, type Payload, payloadText, singlePayload } from '../sse/frame-splitter.js';
import { GeneratedText } from './generated-text.js';
import { toErrorOfAnswer } from '../openai/openai.upstream-error.js';
import { toCostNanoUsd } from '../wire-usage.js';
import { toUsage } from './openai-chat.usage.js';
import { isTopLevel, valueAfter, Word } from './word-finder.js';

const USAGE = Buffer.from('"usage"');
const FINISH = Buffer.from('"finish_reason"');
const ERROR = Buffer.from('"error"');
const NULL_LENGTH = 4;
const DONE = '[DONE]';
const DONE_FRAME = Buffer.from('data: [DONE]\n\n');
const [QUOTE, COMMA, OPEN_BRACKET, OPEN_BRACE, CLOSE_BRACE] = [0x22, 0x2c, 0x5b, 0x7b, 0x7d];

/** What the client of a stream is owed. */
export interface StreamTerms {
  /** It asked for the usage report; if not, what we asked the provider for is taken out again. */
  readonly wantsUsage: boolean;
  /** Answers asked for: the stream is finished when each of them is. */
  readonly choices: number;
}

/**
 * Relays a Chat Completions stream: the provider's own frames, byte for byte, with the meter reading along. A frame is
 * parsed only where one of three words stands in it, so that the usual chunk costs a search.
 */
export class OpenAiChatStream implements AnswerReader {
  failure: GatewayError | undefined;
  private readonly splitter = new FrameSplitter();
  private readonly text = new GeneratedText();
  private readonly early: Buffer[] = [];
  private begun = false;
  private done = false;
  private finished = 0;
  private usage: Usage | undefined;
  private costNanoUsd: bigint | undefined;

  constructor(private readonly terms: StreamTerms) {}

  get isDone(): boolean {
    return this.done;
  }

  get reading(): AnswerReading {
    return { usage: this.usage, costNanoUsd: this.costNanoUsd, generatedText: () => this.text.toString() };
  }

  read(chunk: Buffer): Buffer {
    if (this.failure || this.done) return NO_BYTES;
    const bytes = this.splitter.take(chunk);
    if (!bytes) return NO_BYTES;
    const out = this.readFrames(bytes);
    if (this.begun && this.early.length === 0) return out;
    this.early.push(out);
    return this.begun ? Buffer.concat(this.early.splice(0)) : NO_BYTES;
  }

  end(): Buffer {
    if (this.done) return NO_BYTES;
    if (!this.begun) throw endedTooEarly('before it sent an event');
    if (this.finished < this.terms.choices) throw endedTooEarly('before the answer was finished');
    // Some servers never say [DONE]; their finished answer still has to look finished.
    return DONE_FRAME;
  }

  /** All frames that are whole in `bytes`, with those changed or withheld that must be; the rest is held. */
  private readFrames(bytes: Buffer): Buffer {
    const words = { usage: new Word(bytes, USAGE), finish: new Word(bytes, FINISH), error: new Word(bytes, ERROR) };
    const pieces: Buffer[] = [];
    let kept = 0;
    let at = 0;
    for (let end = frameEnd(bytes, 0); end >= 0; end = frameEnd(bytes, at)) {
      const changed = this.readFrame(bytes, at, end, words);
      if (changed) {
        pieces.push(bytes.subarray(kept, at), ...changed);
        kept = end;
      }
      at = end;
      if (this.failure || this.done) break;
    }
    if (!this.failure && !this.done) this.splitter.hold(bytes.subarray(at));
    if (pieces.length === 0) return at === bytes.length ? bytes : bytes.subarray(0, at);
    pieces.push(bytes.subarray(kept, at));
    return Buffer.concat(pieces);
  }

  /** Meters one frame. What it gives back stands in the frame's place; `undefined` leaves the frame as it is. */
  private readFrame(bytes: Buffer, from: number, end: number, words: Record<'usage' | 'finish' | 'error', Word>): Buffer[] | undefined {
    const payload = singlePayload(bytes, from, end);
    if (!payload) return this.readOddFrame(bytes.subarray(from, end));
    if (isDone(bytes, payload)) return this.readDone();
    this.text.add(bytes, payload.start, payload.end);
    const usage = words.usage.find(payload.start, payload.end);
    const usageValue = usage < 0 ? -1 : valueAfter(bytes, usage + USAGE.length);
    const hasReport = usage >= 0 && !isNull(bytes, usageValue);
    if (!this.begun || hasReport || words.error.find(payload.start, payload.end) >= 0 || !isWhole(bytes, payload)) {
      return this.readClosely(bytes.subarray(from, end), bytes.toString('utf8', payload.start, payload.end));
    }
    this.countFinishes(bytes, words.finish, payload);
    if (usage < 0 || this.terms.wantsUsage || !isTopLevel(bytes, payload.start, usage)) return undefined;
    return withoutMember(bytes, from, end, usage, usageValue + NULL_LENGTH);
  }

  private readDone(): Buffer[] | undefined {
    if (!this.begun) throw endedTooEarly('before it sent an event');
    if (this.finished < this.terms.choices) return this.fail(endedTooEarly('before the answer was finished'));
    this.done = true;
    return undefined;
  }

  /** Comments and empty frames, which say nothing, and frames with an event name or several lines, which are rare. */
  private readOddFrame(frame: Buffer): Buffer[] | undefined {
    const text = payloadText(frame);
    if (text === undefined || text.trim() === '') return undefined;
    if (text.trim() === DONE) return this.readDone();
    const payload = Buffer.from(text);
    this.text.add(payload, 0, payload.length);
    const changed = this.readClosely(Buffer.concat([Buffer.from('data: '), payload, Buffer.from('\n\n')]), text);
    return changed;
  }

  private readClosely(frame: Buffer, text: string): Buffer[] | undefined {
    const chunk = parsedChunk(text);
    if (!chunk) return this.fail(new GatewayError('upstream_protocol', 'The provider sent an event that is not JSON.'));
    if (chunk['error'] != null) return this.fail(toErrorOfAnswer(chunk['error']));
    this.begun = true;
    const choices = Array.isArray(chunk['choices']) ? (chunk['choices'] as ({ finish_reason?: unknown } | null)[]) : [];
    this.finished += choices.filter((choice) => typeof choice?.finish_reason === 'string').length;
    // Some report usage on every chunk, some last with no choices, some on the finishing chunk: the last one counts.
    this.usage = toUsage(chunk['usage']) ?? this.usage;
    this.costNanoUsd = toCostNanoUsd(chunk['usage']) ?? this.costNanoUsd;
    if (this.terms.wantsUsage || chunk['usage'] === undefined) return undefined;
    return choices.length === 0 && chunk['usage'] !== null ? [] : [withoutUsage(frame)];
  }

  private countFinishes(bytes: Buffer, word: Word, payload: Payload): void {
    for (let at = word.find(payload.start, payload.end); at >= 0 && at < payload.end; at = word.next(at)) {
      if (bytes[valueAfter(bytes, at + FINISH.length)] === QUOTE) this.finished++;
    }
  }

  /** Before the first event it is the attempt that failed, and another target may hide it; after it the client must be told. */
  private fail(error: GatewayError): Buffer[] {
    if (!this.begun) throw error;
    this.failure = error;
    return [];
  }
}

function endedTooEarly(when: string): GatewayError {
  return new GatewayError('upstream_protocol', `The provider ended its stream ${when}.`);
}

function isDone(bytes: Buffer, payload: Payload): boolean {
  return bytes[payload.start] === OPEN_BRACKET && bytes.toString('latin1', payload.start, payload.end).trim() === DONE;
}

function isWhole(bytes: Buffer, payload: Payload): boolean {
  return bytes[payload.start] === OPEN_BRACE && bytes[payload.end - 1] === CLOSE_BRACE;
}

function isNull(bytes: Buffer, at: number): boolean {
  return at >= 0 && bytes.toString('latin1', at, at + NULL_LENGTH) === 'null';
}

function parsedChunk(text: string): Record<string, unknown> | undefined {
  try {
    const chunk: unknown = JSON.parse(text);
    return typeof chunk === 'object' && chunk !== null && !Array.isArray(chunk) ? (chunk as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** The frame at `[from, end)` less the member whose key is at `key` and whose value ends at `valueEnd`, and its comma. */
function withoutMember(bytes: Buffer, from: number, end: number, key: number, valueEnd: number): Buffer[] {
  let before = key - 1;
  while (bytes[before]! <= 0x20) before--;
  if (bytes[before] === COMMA) return [bytes.subarray(from, before), bytes.subarray(valueEnd, end)];
  let after = valueEnd;
  while (bytes[after]! <= 0x20) after++;
  return [bytes.subarray(from, key), bytes.subarray(bytes[after] === COMMA ? after + 1 : valueEnd, end)];
}

function withoutUsage(frame: Buffer): Buffer {
  const open = frame.indexOf(OPEN_BRACE);
  const json = frame.toString('utf8', open);
  const members = topLevelMembers(json);
  const index = members.findIndex((member) => member.key === 'usage');
  return index < 0 ? frame : Buffer.concat([frame.subarray(0, open), Buffer.from(splice(json, [removal(members, index)]))]);
}
