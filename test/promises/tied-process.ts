import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';

/** Waits for the end of a pipe that only we hold open, which is also that of our life. */
const WATCH = 'read -r _; kill -KILL "$0"';

/** A process that does not outlive us, even if we are killed. Windows has no such thing. */
export function spawnTied(command: string, args: readonly string[], options: SpawnOptions): ChildProcess {
  const child = spawn(command, args, options);
  if (process.platform === 'win32' || child.pid === undefined) return child;
  const watcher = spawn('/bin/sh', ['-c', WATCH, String(child.pid)], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  child.once('exit', () => watcher.kill('SIGKILL'));
  watcher.unref();
  (watcher.stdin as Socket).unref();
  return child;
}

export function isRunning({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode === null && signalCode === null;
}

/** Sends the signal, if it runs, and another that nobody can ignore `patienceMs` later; resolves when it has ended. */
export async function end(child: ChildProcess, signal: NodeJS.Signals, patienceMs: number): Promise<void> {
  if (!isRunning(child)) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs);
  await exited;
  clearTimeout(timer);
}
