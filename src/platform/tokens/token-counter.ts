import { Worker } from 'node:worker_threads';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';

/** The tokenizer costs 70 MB: it goes when nobody has asked for this long. */
const IDLE_MS = 60_000;
/** A count that takes longer is not worth waiting for. */
const DEADLINE_MS = 5_000;

/**
 * Counts tokens as OpenAI's current encoding (o200k) would, in a thread of its own, which is started when first needed:
 * counting is for calls whose provider said nothing, and must not stall the others.
 */
@Injectable()
export class TokenCounter implements OnApplicationShutdown {
  private worker: Worker | undefined;
  private idle: NodeJS.Timeout | undefined;
  private readonly waiting = new Map<number, (counts: readonly number[] | undefined) => void>();
  private lastId = 0;

  /** One count per text; `undefined` if the thread died or took too long, and the caller must estimate. */
  count(texts: readonly string[]): Promise<readonly number[] | undefined> {
    const id = ++this.lastId;
    return new Promise((resolve) => {
      const deadline = setTimeout(() => this.answer(id, undefined), DEADLINE_MS);
      this.waiting.set(id, (counts) => {
        clearTimeout(deadline);
        resolve(counts);
      });
      this.running().postMessage({ id, texts });
    });
  }

  async onApplicationShutdown(): Promise<void> {
    clearTimeout(this.idle);
    await this.worker?.terminate();
  }

  private running(): Worker {
    if (this.worker) return this.worker;
    const worker = new Worker(new URL('./token-worker.mjs', import.meta.url));
    worker.unref();
    worker.on('message', ({ id, counts }: { id: number; counts: number[] }) => this.answer(id, counts));
    worker.on('error', () => this.lose(worker));
    worker.on('exit', () => this.lose(worker));
    this.worker = worker;
    return worker;
  }

  private answer(id: number, counts: readonly number[] | undefined): void {
    this.waiting.get(id)?.(counts);
    this.waiting.delete(id);
    if (this.waiting.size > 0) return;
    clearTimeout(this.idle);
    this.idle = setTimeout(() => void this.worker?.terminate(), IDLE_MS).unref();
  }

  private lose(worker: Worker): void {
    if (this.worker !== worker) return;
    this.worker = undefined;
    for (const id of this.waiting.keys()) this.answer(id, undefined);
  }
}
