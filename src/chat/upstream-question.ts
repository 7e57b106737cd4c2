import type { Clock } from '../core/clock.js';
import { GatewayError, toGatewayError } from '../core/errors.js';
import type { Provider, UpstreamControl, UpstreamHandler, UpstreamHeaders, UpstreamRequest } from '../core/provider.js';
import { toConnectionError } from './connection-error.js';
import { Deadline } from './deadline.js';

/** The answers to such questions are short. */
const MAX_BYTES = 64 * 1024;

/** All of a provider's answer, whatever its status. */
export interface WholeAnswer {
  readonly status: number;
  readonly headers: UpstreamHeaders;
  readonly body: Buffer;
}

/**
 * Asks a provider something beside a model call and waits for the whole answer, at most `withinMs` or the provider's own
 * limit if that is shorter. Rejects with the `GatewayError` that stood in the way; its text may quote the provider.
 */
export function askUpstream(provider: Provider, request: UpstreamRequest, withinMs: number, clock: Clock): Promise<WholeAnswer> {
  return new Promise((resolve, reject) => {
    const question = new UpstreamQuestion(resolve, reject);
    const timeouts = { ...provider.timeouts, totalMs: Math.min(withinMs, provider.timeouts.totalMs) };
    question.deadline = new Deadline(timeouts, false, clock, (error) => question.fail(error));
    try {
      provider.send(request, question);
    } catch (error) {
      question.fail(toGatewayError(error));
    }
  });
}

class UpstreamQuestion implements UpstreamHandler {
  deadline: Deadline | undefined;
  private control: UpstreamControl | undefined;
  private head: Pick<WholeAnswer, 'status' | 'headers'> | undefined;
  private readonly chunks: Buffer[] = [];
  private bytes = 0;
  private isOver = false;

  constructor(
    private readonly resolve: (answer: WholeAnswer) => void,
    private readonly reject: (error: GatewayError) => void,
  ) {}

  onRequestStart(control: UpstreamControl): void {
    this.control = control;
    // Given up while it waited for a connection.
    if (this.isOver) control.abort(new Error('abandoned'));
  }

  onResponseStart(_control: UpstreamControl, status: number, headers: UpstreamHeaders): void {
    if (status >= 200) this.head = { status, headers };
  }

  onResponseData(_control: UpstreamControl, chunk: Buffer): void {
    this.bytes += chunk.length;
    if (this.bytes > MAX_BYTES) this.fail(new GatewayError('upstream_protocol', 'The provider answered with more than was asked for.'));
    else this.chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (this.isOver || !this.head) return;
    this.finish();
    this.resolve({ ...this.head, body: Buffer.concat(this.chunks) });
  }

  onResponseError(_control: UpstreamControl, error: Error): void {
    this.fail(toConnectionError(error, this.head !== undefined));
  }

  fail(error: GatewayError): void {
    if (this.isOver) return;
    this.finish();
    this.control?.abort(error);
    this.reject(error);
  }

  private finish(): void {
    this.isOver = true;
    this.deadline?.clear();
  }
}
