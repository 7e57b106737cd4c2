import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';

const ROOT = path.resolve(import.meta.dirname, '../..');

/** A script of `children/` in a process of its own. */
export interface Child<Line> {
  /** The first line that it prints. */
  readonly said: Line;
  readonly pid: number;
  kill(signal: NodeJS.Signals): Promise<void>;
}

export interface ChildOptions {
  readonly args: readonly string[];
  /** As somebody else; only root can. */
  readonly uid?: number;
  readonly gid?: number;
}

/** Starts the script and waits for its first line, a JSON value. */
export async function startChild<Line>(script: string, { args, ...account }: ChildOptions): Promise<Child<Line>> {
  const file = path.join(import.meta.dirname, 'children', script);
  const child = spawn(process.execPath, ['--import', './scripts/register-ts.mjs', file, ...args], {
    ...account,
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const said = JSON.parse(await firstLine(child)) as Line;
  return { said, pid: child.pid!, kill: (signal) => kill(child, signal) };
}

async function firstLine(child: ChildProcess): Promise<string> {
  let complaint = '';
  child.stderr!.on('data', (chunk: Buffer) => (complaint += String(chunk)));
  for await (const line of createInterface(child.stdout!)) return line;
  throw new Error(`The child said nothing: ${complaint.slice(-2_000)}`);
}

async function kill(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill(signal);
  await exited;
}
