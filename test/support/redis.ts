import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import path from 'node:path';
import { Redis } from 'ioredis';
import { onLeash } from '../../src/platform/database/embedded/leash.js';
import { freePort } from './free-port.js';
import { findRedisBinary } from './redis-binary.js';
import { makeScratch, removeScratch } from './scratch.js';

export { freePort } from './free-port.js';

/** A server for throwing away, with nothing on disk. It ends with this process. */
export interface RedisServer {
  readonly url: string;
  /** Of the server itself, to be killed or frozen. */
  readonly pid: number;
  stop(): Promise<void>;
}

export interface RedisOptions {
  /** To come back on the address of a server that was killed. */
  readonly port?: number;
  /** To be one node of a Redis Cluster; the port on which the nodes talk to each other. */
  readonly clusterPort?: number;
  /** To follow the master on that port. */
  readonly replicaOf?: number;
  /** To be a Sentinel; the lines of its configuration, which it writes itself from then on. */
  readonly sentinel?: readonly string[];
}

/** Starts a Redis of one's own, which a test may kill or freeze. */
export async function startRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const { file, env } = await findRedisBinary();
  const dir = await makeScratch();
  const port = options.port ?? (await freePort());
  const common = ['--port', String(port), '--bind', '127.0.0.1', '--dir', dir];
  const settings = options.sentinel ? [await writeSentinel(dir, options.sentinel), '--sentinel'] : toSettings(options);
  const [command, ...args] = onLeash(options.sentinel ? [file, ...settings, ...common] : [file, ...common, ...settings]);
  const child = spawn(command!, args, { env, cwd: dir, detached: true, stdio: ['pipe', 'pipe', 'ignore'] });
  await untilReady(child, options.sentinel ? 'Sentinel ID is' : 'Ready to accept connections');
  // From here on it must not keep a finished test run alive.
  child.unref();
  for (const pipe of [child.stdin, child.stdout]) (pipe as Socket).unref();
  const url = `redis://127.0.0.1:${port}`;
  const pid = await findPid(url);
  return { url, pid, stop: () => stop(child, pid, dir) };
}

function toSettings({ clusterPort, replicaOf }: RedisOptions): string[] {
  const kept = ['--save', '', '--appendonly', 'no'];
  const place = clusterPort === undefined ? ['--databases', '512'] : ['--cluster-enabled', 'yes', '--cluster-port', String(clusterPort)];
  const following = replicaOf === undefined ? [] : ['--replicaof', '127.0.0.1', String(replicaOf), '--repl-diskless-sync-delay', '0'];
  return [...kept, ...place, ...following];
}

async function writeSentinel(dir: string, lines: readonly string[]): Promise<string> {
  const file = path.join(dir, 'sentinel.conf');
  await writeFile(file, `${lines.join('\n')}\n`);
  return file;
}

function untilReady(child: ChildProcess, word: string): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`Redis does not start: ${said}`)));
    child.stdout!.on('data', (chunk: Buffer) => {
      said = (said + String(chunk)).slice(-1_000);
      if (said.includes(word)) resolve();
    });
  });
}

async function findPid(url: string): Promise<number> {
  const redis = new Redis(url);
  const info = await redis.info('server');
  redis.disconnect();
  return Number(/process_id:(\d+)/.exec(info)?.[1]);
}

async function stop(child: ChildProcess, pid: number, dir: string): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    child.ref();
    const exited = once(child, 'exit');
    killIfAlive(pid);
    await exited;
  }
  await removeScratch(dir);
}

/** A test may have killed it already, and what watches over it is only about to notice. */
function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
