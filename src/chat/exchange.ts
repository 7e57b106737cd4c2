import type { AnswerReading } from '../core/answer.js';
import type { Clock } from '../core/clock.js';
import { GatewayError, toGatewayError } from '../core/errors.js';
import type { UpstreamControl, UpstreamHandler, UpstreamHeaders } from '../core/provider.js';
import type { AttemptReport } from '../core/target-health.js';
import type { PricedTarget } from '../core/target.js';
import { type Translation, translate } from '../dialects/index.js';
import type { Config } from '../platform/index.js';
import { answerHeaders } from './answer-headers.js';
import { usedInVain } from './call-charge.js';
import { clientClosed } from './client-closed.js';
import type { ClientStream } from './client-stream.js';
import { concealed } from './concealed.js';
import { toConnectionError } from './connection-error.js';
import { Deadline } from './deadline.js';
import type { LiveCall } from './live-call.js';

const MAX_REFUSAL_BYTES = 64 * 1024;
/** How long, and how much, an answer is read on whose client has left, so that its usage is known. */
const DRAIN_MS = 60_000;
const MAX_DRAINED_BYTES = 8 * 1024 * 1024;
/** A provider that has said it is done may keep its connection; one that then goes on for longer is cut off. */
const LINGER_MS = 2_000;

/**
 * One attempt: asks one target and pushes its answer to the client as it comes. Everything happens in the turn in which the
 * bytes arrive; pausing the provider is how a slow client slows it down. It begins to answer the client at the first event,
 * so that a failure before that can be hidden by another attempt.
 */
export class Exchange implements UpstreamHandler {
  /** Something was asked of the provider; not so where the target could not be told what the request says. */
  wasSent = false;
  private control: UpstreamControl | undefined;
  private translation!: Translation;
  private refusal: { status: number; headers: UpstreamHeaders; chunks: Buffer[]; bytes: number } | undefined;
  /** What an answer says of itself that was not in the form that was asked for. */
  private refusedReading: AnswerReading | undefined;
  private readonly sentAt: number;
  private readonly deadline: Deadline;
  private isOver = false;
  private hasWaited = false;
  private endedAt = 0;
  private firstEventAt: number | undefined;
  /** What is left to read for nobody but the ledger, once the client has left. */
  private bytesToDrain: number | undefined;
  private settle!: (error?: GatewayError) => void;

  constructor(
    private readonly target: PricedTarget,
    private readonly live: LiveCall,
    private readonly client: ClientStream,
    private readonly clock: Clock,
    private readonly billing: Config['billing'],
  ) {
    this.sentAt = clock.elapsed();
    this.deadline = new Deadline(live.timeoutsOf(target.provider), live.call.request.stream, clock, (error) => this.stop(error));
  }

  /** Resolves when the client has the whole answer; rejects with the `GatewayError` that it, or another attempt, must answer. */
  run(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.settle = (error) => (error ? reject(error) : resolve());
      this.client.onGone = () => this.abandon();
      this.client.onDrain = () => this.control?.resume();
      if (this.client.isGone) return this.client.onGone();
      try {
        this.send();
      } catch (error) {
        this.finish(toGatewayError(error));
      }
    });
  }

  get durationMs(): number {
    return this.endedAt - this.sentAt;
  }

  /** How it went, for whoever judges the target. */
  report(failure: GatewayError | undefined): AttemptReport {
    const { firstEventAt, sentAt, durationMs } = this;
    return {
      failure: failure?.kind,
      ofAccount: failure?.details.account !== undefined,
      stream: this.live.call.request.stream,
      firstEventMs: firstEventAt === undefined ? undefined : firstEventAt - sentAt,
      durationMs,
    };
  }

  private send(): void {
    const { callId, request, admittedAt } = this.live.call;
    const { model, provider } = this.target;
    const maxOutputTokens = this.live.limitFor(this.target);
    this.translation = translate(request, { provider, model, id: callId, nowMs: admittedAt, maxOutputTokens });
    const { endpoint, body, dropped } = this.translation;
    this.live.dropped = dropped;
    const { pin } = this.live;
    this.live.account = provider.send(
      { endpoint, model, stream: request.stream, body, headers: request.headers, account: pin?.account },
      this,
    );
    this.wasSent = true;
  }

  onRequestStart(control: UpstreamControl): void {
    this.control = control;
    // Given up while it waited for a connection.
    if (this.isOver) control.abort(new Error('abandoned'));
  }

  onResponseStart(_control: UpstreamControl, status: number, headers: UpstreamHeaders): void {
    if (status < 200 || this.isOver) return;
    const isAnswer = status < 300 && isReadable(headers, this.live.call.request.stream ? this.translation.streamType : undefined);
    if (!isAnswer) this.refusal = { status, headers, chunks: [], bytes: 0 };
    else this.live.reader = this.translation.reader();
  }

  onResponseData(control: UpstreamControl, chunk: Buffer): void {
    if (this.isOver) return;
    if (this.refusal) return this.collectRefusal(chunk);
    this.deadline.sawBytes();
    if (this.bytesToDrain !== undefined && (this.bytesToDrain -= chunk.length) < 0) return this.stop(clientClosed());
    const reader = this.live.reader!;
    try {
      const out = reader.read(chunk);
      if (out.length > 0) {
        if (this.live.firstByteMs === undefined) this.begin(undefined);
        if (!this.client.write(out)) control.pause();
      }
      this.live.watch?.saw(chunk.length, reader.reading, this.cutAtBound);
    } catch (error) {
      return this.stop(toGatewayError(error));
    }
    if (reader.failure) this.stop(reader.failure);
    else if (reader.isDone) this.finishEarly(control);
  }

  onResponseEnd(): void {
    if (this.isOver) return this.deadline.clear();
    if (this.refusal) return this.finish(this.refusalError());
    try {
      const out = this.live.reader!.end();
      if (this.live.firstByteMs === undefined) this.begin(out);
      this.client.end(out);
    } catch (error) {
      return this.finish(toGatewayError(error));
    }
    this.finish();
  }

  onResponseError(_control: UpstreamControl, error: Error): void {
    if (this.isOver) return this.deadline.clear();
    const hasAnswered = this.live.reader !== undefined;
    this.finish(this.refusal ? this.refusalError() : toConnectionError(error, hasAnswered), hasAnswered);
  }

  /** The provider goes on beyond the limit that it was given, and every further token would be beyond what a budget has room for. */
  private readonly cutAtBound = (): void => {
    const message = 'The provider went on beyond the length that this answer was limited to, and a budget has no room for more.';
    this.live.isBeyondBound = true;
    this.stop(new GatewayError('budget_exhausted', message, { cause: 'bound exceeded' }));
  };

  private begin(body: Buffer | undefined): void {
    this.stopWaiting();
    this.firstEventAt = this.clock.elapsed();
    this.live.markFirstByte();
    // A keep-alive may have begun the answer before there was anything to answer.
    if (!this.client.hasBegun) this.client.begin(200, answerHeaders(this.live, body, this.billing));
    this.deadline.hasBegun();
  }

  private finishEarly(control: UpstreamControl): void {
    this.client.end(NOTHING);
    this.finish();
    this.deadline.lingerFor(LINGER_MS, () => control.abort(new Error('the provider went on after it was done')));
  }

  private collectRefusal(chunk: Buffer): void {
    this.refusal!.bytes += chunk.length;
    if (this.refusal!.bytes <= MAX_REFUSAL_BYTES) this.refusal!.chunks.push(chunk);
    else this.stop(this.refusalError());
  }

  private refusalError(): GatewayError {
    const { status, headers, chunks } = this.refusal!;
    const body = Buffer.concat(chunks);
    if (status >= 400) return this.translation.toUpstreamError(status, headers, body, this.clock.now());
    this.refusedReading = this.translation.readOtherForm(body);
    const cause = `HTTP ${status} ${String(headers['content-type'])}`;
    return new GatewayError('upstream_protocol', 'The provider answered with something that is not the answer it was asked for.', {
      cause,
    });
  }

  /** The client has left: the provider is told at once; or, if it is at work already, read on for what it will say of usage. */
  private abandon(): void {
    if (this.billing.onClientAbort !== 'drain' || !this.control || this.isOver) return this.stop(clientClosed());
    this.bytesToDrain = MAX_DRAINED_BYTES;
    this.deadline.endWithin(DRAIN_MS);
    this.control.resume();
  }

  /** Ends the attempt from our side: whatever the provider still says is not heard. */
  private stop(error: GatewayError): void {
    if (this.isOver) return;
    this.finish(error);
    this.control?.abort(error);
  }

  private finish(failure?: GatewayError, wasCut = false): void {
    const ended = this.bytesToDrain === undefined ? failure : clientClosed();
    const error = ended && concealed(ended, this.target.provider);
    this.isOver = true;
    this.endedAt = this.clock.elapsed();
    this.deadline.clear();
    this.client.onGone = undefined;
    this.client.onDrain = undefined;
    this.stopWaiting();
    this.record(error, wasCut);
    this.settle(error);
  }

  private stopWaiting(): void {
    if (this.hasWaited) return;
    this.hasWaited = true;
    this.live.waitedMs += this.clock.elapsed() - this.sentAt;
  }

  private record(error: GatewayError | undefined, wasCut: boolean): void {
    if (error) this.live.ending = endingOf(error, wasCut || this.live.firstByteMs !== undefined);
    // The client had left before anything was asked: nothing was tried.
    if (!this.wasSent && error?.kind === 'client_closed') return;
    const { provider, model, priced } = this.target;
    // What the answer itself used stands in the row, and what the client did not wait for is the client's.
    const isInVain = error !== undefined && error.kind !== 'client_closed' && this.live.firstByteMs === undefined;
    const startedMs = this.sentAt - this.live.startedAt;
    this.live.attempts.push({
      provider: provider.name,
      model,
      startedMs: Math.round(startedMs),
      durationMs: Math.round(this.durationMs),
      outcome: error?.kind ?? 'answered',
      reason: typeof error?.details.cause === 'string' ? error.details.cause.slice(0, 200) : undefined,
      ...(isInVain ? usedInVain(this.refusedReading ?? this.live.reader?.reading, priced, this.billing) : undefined),
    });
  }
}

const NOTHING = Buffer.alloc(0);

function endingOf(error: GatewayError, hasAnswered: boolean): LiveCall['ending'] {
  if (error.kind === 'client_closed') return 'client_gone';
  if (error.kind === 'upstream_timeout') return 'timed_out';
  return hasAnswered && error.kind === 'upstream_protocol' ? 'upstream_cut' : 'failed';
}

/** An answer that is not in the form that was asked for is none: an error page, a compressed body, JSON instead of events. */
function isReadable(headers: UpstreamHeaders, streamType: string | undefined): boolean {
  const encoding = headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity' && encoding !== '') return false;
  return streamType === undefined || String(headers['content-type']).includes(streamType);
}
