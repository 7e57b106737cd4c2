import type { Call } from '../../core/call.js';
import type { ByteQuota } from './byte-quota.js';

const NOTHING = Buffer.alloc(0);
/** What an answer begins with: most need no more. */
const FIRST_BYTES = 4_096;

export interface RecordingLimits {
  /** Of an answer, and of a request that is kept as it came. */
  readonly maxBytes: number;
  readonly isRedacted: boolean;
}

/** What a call has left behind, not yet made ready for the database. */
export interface RecordedCall {
  readonly callId: string;
  /** Epoch milliseconds. */
  readonly admittedAt: number;
  readonly isStream: boolean;
  readonly request: RecordedRequest;
  /** Undefined where nothing went to the client. */
  readonly answer: RecordedBytes | undefined;
  /** To be given back to the quota. */
  readonly heldBytes: number;
}

/** The beginning of a body, and how long all of it was. */
export interface RecordedBytes {
  readonly kept: Buffer;
  readonly bytes: number;
}

/** One that is to be redacted is kept parsed: redacted it is much shorter, so that it need not be cut before. */
export type RecordedRequest = RecordedBytes | { readonly parsed: unknown; readonly bytes: number };

/** Whoever takes what is recorded. */
export interface RecordedCalls {
  add(call: RecordedCall): void;
  /** One was given up, for want of room. */
  miss(): void;
}

/** Takes along what goes to the client of one call; bytes are copied, at most `maxBytes` of them. */
export class Recording {
  private kept = NOTHING;
  private length = 0;
  private bytes = 0;
  private isMissed = false;
  private isOver = false;

  constructor(
    private readonly call: Call,
    private readonly limits: RecordingLimits,
    private readonly quota: ByteQuota,
    private readonly calls: RecordedCalls,
  ) {}

  /** In the order in which the client gets them. */
  add(bytes: Buffer): void {
    this.bytes += bytes.length;
    const taken = Math.min(bytes.length, this.limits.maxBytes - this.length);
    if (taken <= 0 || this.isMissed || this.isOver) return;
    if (!this.makeRoom(this.length + taken)) return this.miss();
    this.length += bytes.copy(this.kept, this.length, 0, taken);
  }

  /** The client has all that it will get. What is said a second time is not heard. */
  end(): void {
    if (this.isOver) return;
    this.isOver = true;
    if (this.isMissed) return;
    const { callId, admittedAt, request } = this.call;
    const recorded = this.recordedRequest();
    const held = 'kept' in recorded ? recorded.kept.length : recorded.bytes;
    if (!this.quota.take(held)) return this.miss();
    const answer = this.bytes === 0 ? undefined : { kept: this.kept.subarray(0, this.length), bytes: this.bytes };
    const heldBytes = held + this.kept.length;
    this.calls.add({ callId, admittedAt, isStream: request.stream, request: recorded, answer, heldBytes });
  }

  private recordedRequest(): RecordedRequest {
    const { raw, parsed } = this.call.request;
    const { maxBytes, isRedacted } = this.limits;
    if (isRedacted) return { parsed, bytes: raw.length };
    // A part of a buffer keeps all of it in memory.
    return { kept: raw.length > maxBytes ? Buffer.from(raw.subarray(0, maxBytes)) : raw, bytes: raw.length };
  }

  private makeRoom(needed: number): boolean {
    if (needed <= this.kept.length) return true;
    const size = Math.min(this.limits.maxBytes, Math.max(needed, 2 * this.kept.length, FIRST_BYTES));
    if (!this.quota.take(size - this.kept.length)) return false;
    const larger = Buffer.allocUnsafeSlow(size);
    this.kept.copy(larger, 0, 0, this.length);
    this.kept = larger;
    return true;
  }

  private miss(): void {
    this.isMissed = true;
    this.quota.give(this.kept.length);
    this.kept = NOTHING;
    this.calls.miss();
  }
}
