import { lookup } from 'node:dns';
import { Agent, type Dispatcher, request } from 'undici';
import type { Clock } from '../../core/clock.js';
import { reasonOf } from '../../platform/index.js';
import { AddressRefused, guardedConnector, type IsAllowed, type Resolve } from '../address/guarded-connector.js';
import type { Answer } from './delivery.js';
import type { OutgoingMessage } from './message.js';

export interface SenderOptions {
  readonly isAllowed: IsAllowed;
  readonly resolve?: Resolve;
  readonly connectMs?: number;
  /** From the beginning to the end of the answer. */
  readonly totalMs?: number;
}

const CONNECT_MS = 5_000;
const TOTAL_MS = 10_000;
/** Of an answer that nobody reads. */
const MAX_ANSWER_BYTES = 64 * 1_024;
const MAX_ERROR_CHARS = 300;
/** Of the answers that say when to come back. */
const SECONDS = /^\d{1,9}$/;

/** Posts messages to webhooks: a connection for each, to allowed addresses only, no redirects, and no interest in what is answered. */
export class WebhookSender {
  private readonly agent: Agent;
  private readonly totalMs: number;

  constructor(
    options: SenderOptions,
    private readonly clock: Pick<Clock, 'now'>,
  ) {
    const { isAllowed, resolve = lookup, connectMs = CONNECT_MS, totalMs = TOTAL_MS } = options;
    this.totalMs = totalMs;
    this.agent = new Agent({ connect: guardedConnector({ connectMs, isAllowed, resolve }), headersTimeout: 0, bodyTimeout: 0 });
  }

  /** Never rejects. undefined = `signal` cut it off, and nobody knows whether the message arrived. */
  async send(url: string, { headers, body }: OutgoingMessage, signal: AbortSignal): Promise<Answer | undefined> {
    const overdue = AbortSignal.timeout(this.totalMs);
    const options = {
      method: 'POST',
      headers,
      body,
      dispatcher: this.agent,
      reset: true,
      signal: AbortSignal.any([signal, overdue]),
    } as const;
    try {
      return this.toAnswer(await request(url, options), overdue);
    } catch (error) {
      if (signal.aborted) return undefined;
      const reason = overdue.aborted ? `no answer within ${this.totalMs} ms` : reasonOf(error);
      return { status: undefined, error: shortened(reason), isRefused: error instanceof AddressRefused, retryAfterMs: undefined };
    }
  }

  private toAnswer({ statusCode: status, headers, body }: Dispatcher.ResponseData, signal: AbortSignal): Answer {
    // Read on, so that the other side sees its answer taken; it decides nothing.
    body.dump({ limit: MAX_ANSWER_BYTES, signal }).catch(() => undefined);
    const error = status >= 200 && status < 300 ? undefined : `the receiver answered ${status}`;
    return { status, error, isRefused: false, retryAfterMs: this.toDelayMs(headers['retry-after']) };
  }

  private toDelayMs(header: string | string[] | undefined): number | undefined {
    if (typeof header !== 'string') return undefined;
    const ms = SECONDS.test(header) ? Number(header) * 1_000 : Date.parse(header) - this.clock.now();
    return ms > 0 ? ms : undefined;
  }
}

function shortened(reason: string): string {
  return reason.length > MAX_ERROR_CHARS ? `${reason.slice(0, MAX_ERROR_CHARS)}…` : reason;
}
