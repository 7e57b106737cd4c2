import type { ChildProcess } from 'node:child_process';
import { readdir, stat, truncate } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { eventually } from '../../support/eventually.js';
import { Gate } from '../../support/gate.js';
import { findRedisBinary } from '../../support/redis-binary.js';
import { makeScratch, removeScratch } from '../../support/scratch.js';
import { lastingPort } from '../lasting-port.js';
import { end, spawnTied } from '../tied-process.js';

const ANSWERS_MS = 30_000;
const RETRY_MS = 50;

/** One Redis that keeps a log on disk, and can be killed and started again on it. */
class DurableRedis {
  private child: ChildProcess | undefined;

  private constructor(
    readonly port: number,
    private readonly dir: string,
  ) {}

  static async make(): Promise<DurableRedis> {
    return new DurableRedis(await lastingPort(), await makeScratch());
  }

  get url(): string {
    return `redis://127.0.0.1:${this.port}`;
  }

  async start(...more: readonly string[]): Promise<void> {
    const { file, env } = await findRedisBinary();
    const where = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.dir, '--save', ''];
    const durable = ['--appendonly', 'yes', '--appendfsync', 'everysec', '--aof-load-truncated', 'yes', '--maxmemory-policy', 'noeviction'];
    this.child = spawnTied(file, [...where, ...durable, ...more], { env, cwd: this.dir, stdio: 'ignore' });
    await this.ask((redis) => redis.ping());
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  async kill(): Promise<void> {
    if (this.child) await end(this.child, 'SIGKILL', ANSWERS_MS);
  }

  /** Cuts up to so many bytes off the end of its log. Returns how many. */
  async loseTail(most: number): Promise<number> {
    const folder = path.join(this.dir, 'appendonlydir');
    const logs = (await readdir(folder)).filter((name) => name.endsWith('.incr.aof')).toSorted();
    const log = path.join(folder, logs.at(-1)!);
    const { size } = await stat(log);
    const bytes = Math.min(size, Math.floor(Math.random() * most));
    await truncate(log, size - bytes);
    return bytes;
  }

  /** Asks until it answers; rejects if it does not come up. */
  async ask<T>(question: (redis: Redis) => Promise<T>): Promise<T> {
    const redis = new Redis(this.url, {
      maxRetriesPerRequest: null,
      retryStrategy: (tried) => (tried * RETRY_MS < ANSWERS_MS ? RETRY_MS : null),
    });
    redis.on('error', () => undefined);
    try {
      return await question(redis);
    } finally {
      redis.disconnect();
    }
  }

  async remove(): Promise<void> {
    await this.kill();
    await removeScratch(this.dir);
  }
}

const MOST_LOST_BYTES = 400_000;
const LAG_MS = 300;

/** A Redis at one address that loses what it last knew: killed with a part of its log, or replaced by a replica that lags behind. */
export class RedisPair {
  private constructor(
    private readonly gate: Gate,
    private serving: DurableRedis,
    private spare: DurableRedis,
  ) {}

  static async start(): Promise<RedisPair> {
    const [first, second] = [await DurableRedis.make(), await DurableRedis.make()];
    await first.start();
    const gate = await Gate.before(first.url);
    await gate.open();
    return new RedisPair(gate, first, second);
  }

  get url(): string {
    return this.gate.url;
  }

  /** Killed and started again on all that it had written. */
  async restart(): Promise<void> {
    await this.serving.kill();
    await this.serving.start();
  }

  /** Killed, cut short and started again. Returns how many bytes of its log are gone. */
  async loseTail(): Promise<number> {
    await this.serving.kill();
    const lost = await this.serving.loseTail(MOST_LOST_BYTES);
    await this.serving.start();
    return lost;
  }

  /** A replica catches up, is frozen for a while, and takes over from there. */
  async failOver(): Promise<void> {
    const { serving, spare } = this;
    await spare.start('--replicaof', `127.0.0.1 ${serving.port}`);
    await eventually(async () => (await spare.ask((redis) => redis.info('replication'))).includes('master_link_status:up'), ANSWERS_MS);
    spare.signal('SIGSTOP');
    await sleep(Math.random() * LAG_MS);
    await serving.kill();
    spare.signal('SIGCONT');
    await spare.ask((redis) => redis.replicaof('NO', 'ONE'));
    this.gate.redirect(spare.url);
    this.serving = spare;
    this.spare = await DurableRedis.make();
    await serving.remove();
  }

  async stop(): Promise<void> {
    await this.gate.shut();
    await this.serving.remove();
    await this.spare.remove();
  }
}
