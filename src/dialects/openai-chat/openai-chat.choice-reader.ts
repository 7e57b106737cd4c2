import type { Citation, EventSink, FinishReason } from '../../core/answer-event.js';
import { toFinishReason } from './finish-reason.js';
import { malformed } from './malformed.js';
import { ToolCallsReader } from './openai-chat.tool-calls.js';
import { proofOfDetail, textOfDetail } from './reasoning-details.js';
import { isObject, objectOf, textOf, type WireObject } from './wire-value.js';

/** Reads one choice of an answer, delta by delta or as a whole message, and tells what it says. */
export class ChoiceReader {
  private readonly calls: ToolCallsReader;
  private reason: FinishReason | undefined;
  /** Thoughts came as plain text: details that follow only repeat them, with their proofs. */
  private thoughtPlainly = false;
  private hasText = false;
  /** Of tokens that have no text of their own yet. */
  private logprobs: readonly unknown[] | undefined;

  constructor(
    private readonly choice: number,
    answerId: string,
    private readonly sink: EventSink,
  ) {
    this.calls = new ToolCallsReader(choice, answerId, sink);
  }

  get isFinished(): boolean {
    return this.reason !== undefined;
  }

  /** Reads an entry of `choices`. Throws `GatewayError` for a choice that failed or cannot be read. */
  read(wire: WireObject, isWhole: boolean): void {
    const said = wire[isWhole ? 'message' : 'delta'];
    if (said != null && !isObject(said)) throw malformed('a choice has no object to say');
    const logprobs = objectOf(wire['logprobs'])['content'];
    if (Array.isArray(logprobs) && logprobs.length > 0) this.logprobs = this.logprobs ? [...this.logprobs, ...logprobs] : logprobs;
    if (said != null) this.readSaid(said, isWhole);
    const reason = textOf(wire['finish_reason']);
    if (reason !== undefined) this.reason ??= toFinishReason(reason);
  }

  /** The answer is over. Throws `upstream_protocol` if this choice was not finished. */
  finish(): void {
    if (this.reason === undefined) throw malformed('it ended before it was finished');
    if (this.logprobs && this.hasText) this.tellText('');
    this.calls.finish();
    // Many servers say `stop` whatever the model did.
    const reason = this.reason === 'stop' && this.calls.count > 0 ? 'tool_calls' : this.reason;
    this.sink({ kind: 'finish', choice: this.choice, reason });
  }

  private readSaid(said: WireObject, isWhole: boolean): void {
    this.readThoughts(said);
    const { content, refusal, annotations } = said;
    if (typeof content === 'string') {
      if (content !== '') this.tellText(content);
    } else if (content != null) throw malformed('`content` is not a text');
    if (typeof refusal === 'string' && refusal !== '') this.sink({ kind: 'refusal', choice: this.choice, text: refusal });
    if (said['tool_calls'] != null) this.calls.read(said['tool_calls'], isWhole);
    if (said['function_call'] != null) this.calls.readFunctionCall(said['function_call']);
    if (Array.isArray(annotations)) for (const annotation of annotations) this.tellCitation(objectOf(annotation));
  }

  private tellText(text: string): void {
    const { choice, logprobs } = this;
    this.hasText = true;
    this.logprobs = undefined;
    this.sink(logprobs ? { kind: 'text', choice, text, logprobs } : { kind: 'text', choice, text });
  }

  private readThoughts(said: WireObject): void {
    const details = said['reasoning_details'];
    const isDetailed = Array.isArray(details) && details.length > 0;
    const tellsText = isDetailed && !this.thoughtPlainly && details.some((detail) => textOfDetail(objectOf(detail)) !== undefined);
    if (!tellsText) {
      const text = textOf(said['reasoning_content']) ?? textOf(said['reasoning']);
      if (text !== undefined) {
        this.thoughtPlainly = true;
        this.tellThought(text);
      }
    }
    if (isDetailed) for (const detail of details) this.readDetail(objectOf(detail), tellsText);
  }

  private readDetail(detail: WireObject, tellsText: boolean): void {
    const text = tellsText ? textOfDetail(detail) : undefined;
    if (text !== undefined) this.tellThought(text);
    const proof = proofOfDetail(detail);
    if (proof) this.sink({ kind: 'reasoning_proof', choice: this.choice, proof });
  }

  private tellThought(text: string): void {
    this.sink({ kind: 'reasoning', choice: this.choice, text });
  }

  private tellCitation(annotation: WireObject): void {
    const wire = objectOf(annotation['url_citation']);
    const url = textOf(wire['url']);
    if (url === undefined) return;
    const title = textOf(wire['title']);
    const citedText = textOf(wire['content']);
    const citation: Citation = { url, ...(title === undefined ? {} : { title }), ...(citedText === undefined ? {} : { citedText }) };
    this.sink({ kind: 'citation', choice: this.choice, citation });
  }
}
