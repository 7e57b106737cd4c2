import { type AnswerReader, type AnswerReading, NO_BYTES } from '../../core/answer.js';
import type { GatewayError } from '../../core/errors.js';
import { toGatewayError } from '../../core/errors.js';
import type { Usage } from '../../core/usage.js';
import { FrameSplitter, frameEnd } from '../sse/frame-splitter.js';
import { toCostNanoUsd, toServiceTier } from '../wire-usage.js';
import { toUsage } from './openai-responses.usage.js';
import { endedTooEarly, errorOfEvent, errorOfResponse, eventOf, isTerminal } from './wire-event.js';
import { isObject, type WireObject } from './wire-values.js';

/** The deltas that are something a model generated and that counts in tokens. */
const GENERATED =
  /^response\.(?:output_text|refusal|function_call_arguments|custom_tool_call_input|reasoning_\w+|mcp_call_\w+|code_\w+)\.delta$/;
const BLANK_LINE = Buffer.from('\n\n');

/**
 * Relays a Responses stream: the provider's own frames, byte for byte, with the meter reading along.
 * `response.failed` is an answer like the others: the client gets the provider's own words for it, and the call is complete.
 * Only as the very first event is it a failed attempt that another target may hide. An `error` event is never relayed.
 */
export class OpenAiResponsesStream implements AnswerReader {
  failure: GatewayError | undefined;
  private readonly splitter = new FrameSplitter();
  private readonly generated: string[] = [];
  /** Frames that say nothing, from before the first event. */
  private early: Buffer[] = [];
  private begun = false;
  private done = false;
  private usage: Usage | undefined;
  private costNanoUsd: bigint | undefined;
  private serviceTier: string | undefined;

  get isDone(): boolean {
    return this.done;
  }

  get reading(): AnswerReading {
    return {
      usage: this.usage,
      costNanoUsd: this.costNanoUsd,
      serviceTier: this.serviceTier,
      generatedText: () => this.generated.join(''),
    };
  }

  read(chunk: Buffer): Buffer {
    if (this.failure || this.done) return NO_BYTES;
    const bytes = this.splitter.take(chunk);
    if (!bytes) return NO_BYTES;
    let at = 0;
    for (let end = frameEnd(bytes, at); end >= 0 && !this.done; end = frameEnd(bytes, at)) {
      this.readFrame(bytes.subarray(at, end));
      if (this.failure) break;
      at = end;
    }
    if (!this.failure && !this.done) this.splitter.hold(bytes.subarray(at));
    return this.release(bytes.subarray(0, at));
  }

  end(): Buffer {
    if (this.done || this.failure) return NO_BYTES;
    const rest = this.splitter.rest();
    const last = eventOf(rest);
    if (last) this.readEvent(last);
    if (!this.begun) throw endedTooEarly('before it sent an event');
    if (!this.done) throw endedTooEarly('before the response was finished');
    // The last frame came without the blank line that ends it.
    return this.release(Buffer.concat([rest, BLANK_LINE]));
  }

  private release(bytes: Buffer): Buffer {
    if (this.begun && this.early.length === 0) return bytes;
    this.early.push(bytes);
    if (!this.begun) return NO_BYTES;
    const all = Buffer.concat(this.early);
    this.early = [];
    return all;
  }

  /** Before the first event it is the attempt that failed, and another target may hide it; after it the client must be told. */
  private readFrame(frame: Buffer): void {
    try {
      const event = eventOf(frame);
      if (event) this.readEvent(event);
    } catch (error) {
      if (!this.begun) throw error;
      this.failure = toGatewayError(error);
    }
  }

  private readEvent(event: WireObject): void {
    const error = errorOfEvent(event);
    if (error) throw error;
    const { type, delta, response, item } = event;
    if (isTerminal(event) && isObject(response)) this.meter(response);
    if (type === 'response.failed' && !this.begun) throw errorOfResponse(isObject(response) ? response : {});
    this.begun = true;
    if (typeof delta === 'string' && GENERATED.test(String(type))) this.generated.push(delta);
    if (type === 'response.output_item.added' && isObject(item) && typeof item['name'] === 'string') this.generated.push(item['name']);
    if (isTerminal(event)) this.done = true;
  }

  private meter({ usage, service_tier }: WireObject): void {
    this.usage = toUsage(usage);
    this.costNanoUsd = toCostNanoUsd(usage);
    this.serviceTier = toServiceTier(service_tier);
  }
}
