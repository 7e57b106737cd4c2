import { setImmediate as nextTurn } from 'node:timers/promises';
import type { OnApplicationShutdown } from '@nestjs/common';
import type { Call } from '../../core/call.js';
import type { Clock } from '../../core/clock.js';
import { type Config, type Log, reasonOf } from '../../platform/index.js';
import type { BodiesStore, BodyRow } from './bodies.store.js';
import { packBody, toAnswerBody, toRequestBody } from './body.js';
import { BodySealing } from './body-sealing.js';
import { ByteQuota } from './byte-quota.js';
import { Misses } from './misses.js';
import { type RecordedCall, Recording } from './recording.js';

export interface BodiesLimits {
  /** Of all that is held in memory: answers under way, and what waits for the database. */
  readonly memoryBytes: number;
  /** What was said waits no longer than this for more to be written with. */
  readonly flushMs: number;
  readonly batchCalls: number;
  /** Of the sealed bodies in a statement; one call alone may have more. */
  readonly batchBytes: number;
  /** How long the end of the gateway may wait. */
  readonly closeMs: number;
}

export const BODIES_LIMITS: BodiesLimits = {
  memoryBytes: 64 * 1024 * 1024,
  flushMs: 250,
  batchCalls: 64,
  batchBytes: 4 * 1024 * 1024,
  closeMs: 5_000,
};

/** Whoever begins a recording with each call. */
export interface BodyRecorder {
  begin(call: Call): Recording;
}

/**
 * Keeps what was said in calls, behind them: what a call leaves is redacted, compressed, sealed and written after its end, in batches,
 * one at a time. What finds no room in memory, or a database that is away, is dropped and counted; neither the call nor its row know.
 */
export class Bodies implements OnApplicationShutdown {
  /** Undefined where bodies are not kept: then a call pays nothing for them. */
  readonly recorder: BodyRecorder | undefined;
  private readonly sealing: BodySealing;
  private readonly quota: ByteQuota;
  private readonly misses: Misses;
  private readonly waiting: RecordedCall[] = [];
  private timer: NodeJS.Timeout | undefined;
  private writing: Promise<void> | undefined;
  private isClosed = false;

  constructor(
    private readonly store: Pick<BodiesStore, 'insert'>,
    private readonly config: Pick<Config, 'privacy' | 'keys'>,
    clock: Pick<Clock, 'elapsed'>,
    log: Log,
    private readonly limits = BODIES_LIMITS,
  ) {
    this.sealing = new BodySealing(config.keys.secretKeys);
    this.quota = new ByteQuota(limits.memoryBytes);
    this.misses = new Misses(clock, log);
    const { storeBodies, bodiesMaxBytes } = config.privacy;
    if (storeBodies === 'off') return;
    const recording = { maxBytes: bodiesMaxBytes, isRedacted: storeBodies === 'redacted' };
    const calls = { add: (call: RecordedCall) => this.add(call), miss: () => this.misses.count(1, 'too much waits in memory') };
    this.recorder = { begin: (call) => new Recording(call, recording, this.quota, calls) };
  }

  /** Resolves when what has been recorded is written, or was given up. */
  async flush(): Promise<void> {
    while (this.writing || (this.waiting.length > 0 && !this.isClosed)) await this.write();
  }

  async onApplicationShutdown(): Promise<void> {
    let deadline: NodeJS.Timeout | undefined;
    const isLate = new Promise<void>((resolve) => (deadline = setTimeout(resolve, this.limits.closeMs)));
    await Promise.race([this.flush(), isLate]);
    clearTimeout(deadline);
    this.isClosed = true;
    const left = this.waiting.splice(0);
    if (left.length > 0) this.misses.count(left.length, 'the gateway stopped');
    this.misses.tell(true);
  }

  private add(call: RecordedCall): void {
    if (this.isClosed) return this.misses.count(1, 'the gateway stopped');
    this.waiting.push(call);
    this.schedule();
  }

  private schedule(): void {
    if (this.writing || this.isClosed || this.waiting.length === 0) return;
    this.timer ??= setTimeout(() => void this.write(), this.limits.flushMs).unref();
  }

  private write(): Promise<void> {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.writing ??= this.writeAll().finally(() => {
      this.writing = undefined;
      this.schedule();
    });
    return this.writing;
  }

  /** Until none waits; never rejects. */
  private async writeAll(): Promise<void> {
    while (this.waiting.length > 0 && !this.isClosed) await this.writeBatch();
    this.misses.tell();
  }

  private async writeBatch(): Promise<void> {
    const { batchCalls, batchBytes } = this.limits;
    const rows: BodyRow[] = [];
    let held = 0;
    let sealedBytes = 0;
    while (rows.length < batchCalls && sealedBytes < batchBytes) {
      const call = this.waiting.shift();
      if (!call) break;
      const row = await this.seal(call);
      held += call.heldBytes;
      if (!row) continue;
      rows.push(row);
      sealedBytes += (row.request?.length ?? 0) + (row.answer?.length ?? 0);
    }
    await this.insert(rows);
    this.quota.give(held);
  }

  private async insert(rows: readonly BodyRow[]): Promise<void> {
    if (rows.length === 0) return;
    try {
      await this.store.insert(rows);
    } catch (error) {
      this.misses.count(rows.length, reasonOf(error));
    }
  }

  /** Each in a turn of its own: calls go on meanwhile. */
  private async seal(call: RecordedCall): Promise<BodyRow | undefined> {
    await nextTurn();
    const { callId, admittedAt } = call;
    const { bodiesMaxBytes } = this.config.privacy;
    try {
      const request = await packBody(toRequestBody(call, bodiesMaxBytes));
      const body = toAnswerBody(call, bodiesMaxBytes);
      const answer = body && (await packBody(body));
      return {
        callId,
        admittedAt: new Date(admittedAt),
        secretId: this.sealing.newestId!,
        request: this.sealing.seal(request, { callId, part: 'request' }),
        answer: answer ? this.sealing.seal(answer, { callId, part: 'answer' }) : null,
      };
    } catch (error) {
      this.misses.count(1, reasonOf(error));
      return undefined;
    }
  }
}
