import { type AnswerReader, type AnswerReading, NO_BYTES } from '../../core/answer.js';
import { GatewayError } from '../../core/errors.js';
import { removal, splice, topLevelMembers } from '../../core/json-members.js';
import type { Usage } from '../../core/usage.js';
import { FrameSplitter, frameEnd, payloadText } from '../sse/frame-splitter.js';
import { ChunkScan } from './chunk-scan.js';
import { GeneratedText } from './generated-text.js';
import { toErrorOfAnswer } from '../openai/openai.upstream-error.js';
import { toCostNanoUsd, toServiceTier } from '../wire-usage.js';
import { toUsage } from './openai-chat.usage.js';

const NULL_LENGTH = 4;
const DONE = '[DONE]';
const DONE_FRAME = Buffer.from('data: [DONE]\n\n');
const DATA = Buffer.from('data:');
const [SPACE, COMMA, OPEN_BRACE, CR, LF] = [0x20, 0x2c, 0x7b, 0x0d, 0x0a];

/** What the client of a stream is owed. */
export interface StreamTerms {
  /** It asked for the usage report; if not, what we asked the provider for is taken out again. */
  readonly wantsUsage: boolean;
  /** Answers asked for: the stream is finished when each of them is. */
  readonly choices: number;
}

/**
 * Relays a Chat Completions stream: the provider's own frames, byte for byte, with the meter reading along. A chunk is
 * parsed only where there is more in it than text; the usual one costs one pass over its bytes.
 */
export class OpenAiChatStream implements AnswerReader {
  failure: GatewayError | undefined;
  private readonly splitter = new FrameSplitter();
  private readonly scan = new ChunkScan();
  private readonly text = new GeneratedText();
  private readonly early: Buffer[] = [];
  private begun = false;
  private done = false;
  private finished = 0;
  private usage: Usage | undefined;
  private costNanoUsd: bigint | undefined;
  private serviceTier: string | undefined;

  constructor(private readonly terms: StreamTerms) {}

  get isDone(): boolean {
    return this.done;
  }

  get reading(): AnswerReading {
    return { usage: this.usage, costNanoUsd: this.costNanoUsd, serviceTier: this.serviceTier, generatedText: () => this.text.toString() };
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
    const pieces: Buffer[] = [];
    let kept = 0;
    let at = 0;
    while (at < bytes.length && !this.failure && !this.done) {
      const usualEnd = this.usualEnd(bytes, at);
      const end = usualEnd < 0 ? frameEnd(bytes, at) : usualEnd;
      if (end < 0) break;
      const changed = usualEnd < 0 ? this.readOddFrame(bytes.subarray(at, end)) : this.readChunk(bytes, at, end);
      if (changed) {
        pieces.push(bytes.subarray(kept, at), ...changed);
        kept = end;
      }
      at = end;
    }
    if (at < bytes.length && !this.failure && !this.done) this.splitter.hold(bytes.subarray(at));
    if (pieces.length === 0) return at === bytes.length ? bytes : bytes.subarray(0, at);
    pieces.push(bytes.subarray(kept, at));
    return Buffer.concat(pieces);
  }

  /** After a frame that is nothing but one line of JSON and its blank line, which has then been scanned; -1 if it is another. */
  private usualEnd(bytes: Buffer, from: number): number {
    for (let i = 0; i < DATA.length; i++) if (bytes[from + i] !== DATA[i]) return -1;
    const start = bytes[from + DATA.length] === SPACE ? from + DATA.length + 1 : from + DATA.length;
    if (bytes[start] !== OPEN_BRACE || !this.scan.read(bytes, start, bytes.length)) return -1;
    const lineEnd = afterLineEnd(bytes, this.scan.end);
    return lineEnd < 0 ? -1 : afterLineEnd(bytes, lineEnd);
  }

  /** Meters a chunk that has been scanned. What it gives back stands in the frame's place; `undefined` leaves the frame as it is. */
  private readChunk(bytes: Buffer, from: number, end: number): Buffer[] | undefined {
    const { scan } = this;
    this.keepText(bytes);
    if (!this.begun || scan.hasUsage || scan.hasError) {
      return this.readClosely(bytes.subarray(from, end), bytes.toString('utf8', scan.start, scan.end));
    }
    this.finished += scan.finishes;
    if (scan.usageAt < 0 || this.terms.wantsUsage) return undefined;
    return withoutMember(bytes, from, end, scan);
  }

  private keepText(bytes: Buffer): void {
    const { texts } = this.scan;
    for (let i = 0; i < texts.length; i += 2) this.text.add(bytes, texts[i]!, texts[i + 1]!);
  }

  private readDone(): Buffer[] | undefined {
    if (!this.begun) throw endedTooEarly('before it sent an event');
    if (this.finished < this.terms.choices) return this.fail(endedTooEarly('before the answer was finished'));
    this.done = true;
    return undefined;
  }

  /** Comments and empty frames, which say nothing; the end; and frames with an event name or several lines, which are rare. */
  private readOddFrame(frame: Buffer): Buffer[] | undefined {
    const text = payloadText(frame)?.trim() ?? '';
    if (text === '') return undefined;
    if (text === DONE) return this.readDone();
    const payload = Buffer.from(text.replaceAll('\n', ' '));
    if (this.scan.read(payload, 0, payload.length)) this.keepText(payload);
    return this.readClosely(Buffer.concat([DATA, payload, Buffer.from('\n\n')]), text);
  }

  private readClosely(frame: Buffer, text: string): Buffer[] | undefined {
    const chunk = parsedChunk(text);
    if (!chunk) return this.fail(new GatewayError('upstream_protocol', 'The provider sent an event that is not JSON.'));
    this.meter(chunk);
    if (chunk['error'] != null) return this.fail(toErrorOfAnswer(chunk['error']));
    this.begun = true;
    const choices = Array.isArray(chunk['choices']) ? (chunk['choices'] as ({ finish_reason?: unknown } | null)[]) : [];
    this.finished += choices.filter((choice) => typeof choice?.finish_reason === 'string').length;
    if (this.terms.wantsUsage || chunk['usage'] === undefined) return undefined;
    return choices.length === 0 && chunk['usage'] !== null ? [] : [withoutUsage(frame)];
  }

  /** Some report usage on every chunk, some last with no choices, some on the finishing chunk, some with an error: the last one counts. */
  private meter({ usage, service_tier }: Record<string, unknown>): void {
    this.usage = toUsage(usage) ?? this.usage;
    this.costNanoUsd = toCostNanoUsd(usage) ?? this.costNanoUsd;
    if (typeof service_tier === 'string') this.serviceTier = toServiceTier(service_tier);
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

/** After the line's end at `at`, in either form; -1 if none is there. */
function afterLineEnd(bytes: Buffer, at: number): number {
  const feed = bytes[at] === CR ? at + 1 : at;
  return bytes[feed] === LF ? feed + 1 : -1;
}

function parsedChunk(text: string): Record<string, unknown> | undefined {
  try {
    const chunk: unknown = JSON.parse(text);
    return typeof chunk === 'object' && chunk !== null && !Array.isArray(chunk) ? (chunk as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** The frame at `[from, end)` less its member `usage`, which is null, and the member's comma. */
function withoutMember(bytes: Buffer, from: number, end: number, { usageAt, usageValueAt }: ChunkScan): Buffer[] {
  const valueEnd = usageValueAt + NULL_LENGTH;
  let before = usageAt - 1;
  while (bytes[before]! <= SPACE) before--;
  if (bytes[before] === COMMA) return [bytes.subarray(from, before), bytes.subarray(valueEnd, end)];
  let after = valueEnd;
  while (bytes[after]! <= SPACE) after++;
  return [bytes.subarray(from, usageAt), bytes.subarray(bytes[after] === COMMA ? after + 1 : valueEnd, end)];
}

function withoutUsage(frame: Buffer): Buffer {
  const open = frame.indexOf(OPEN_BRACE);
  const json = frame.toString('utf8', open);
  const members = topLevelMembers(json);
  const index = members.findIndex((member) => member.key === 'usage');
  return index < 0 ? frame : Buffer.concat([frame.subarray(0, open), Buffer.from(splice(json, [removal(members, index)]))]);
}
