import { readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MS = 10;

/** A Postgres server that is running on a cluster, as its own `postmaster.pid` tells. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly isReady: boolean;
}

/** The server that runs on `pgdata`. A pid file that a killed server left behind is removed where its pid belongs to a stranger now. */
export async function findPostmaster(pgdata: string): Promise<Postmaster | undefined> {
  const file = path.join(pgdata, 'postmaster.pid');
  const text = await readFile(file, 'utf8').catch(ignoreMissing);
  const lines = text?.split('\n') ?? [];
  const pid = Number(lines[0] ?? NaN);
  if (!pid || !isAlive(pid)) return undefined;
  if (!(await worksIn(pid, pgdata))) {
    // Postgres would take any process with this pid, of the same user, for its predecessor: usual where containers restart.
    await rm(file, { force: true });
    return undefined;
  }
  return { pid, port: Number(lines[3] ?? 0), isReady: lines[7]?.trim() === 'ready' };
}

/** Resolves with the server once it takes connections, or with undefined when there is none (any more). */
export async function findReadyPostmaster(pgdata: string, signal: AbortSignal): Promise<Postmaster | undefined> {
  while (!signal.aborted) {
    const postmaster = await findPostmaster(pgdata);
    if (!postmaster || postmaster.isReady) return postmaster;
    await sleep(POLL_MS);
  }
  return undefined;
}

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** For a fast shutdown. On Windows a signal would end it without one. */
export function askToStop(pid: number): void {
  try {
    if (process.platform !== 'win32') process.kill(pid, 'SIGINT');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** A server's working folder is its cluster, whatever that is called by now. A process that we may not look into is not ours. */
async function worksIn(pid: number, pgdata: string): Promise<boolean> {
  if (process.platform !== 'linux') return true;
  try {
    const [theirs, ours] = await Promise.all([stat(`/proc/${pid}/cwd`), stat(pgdata)]);
    return theirs.dev === ours.dev && theirs.ino === ours.ino;
  } catch {
    return false;
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error;
}
