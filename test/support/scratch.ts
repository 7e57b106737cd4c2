import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { findHome } from '../../src/platform/database/embedded/home.js';
import { isAlive } from '../../src/platform/database/embedded/postmaster.js';

const PREFIX = 'tollgate-test-';

/** A folder for the files of one test or server. Its name tells whose it is. */
export function makeScratch(): Promise<string> {
  return mkdtemp(path.join(tmpdir(), `${PREFIX}${process.pid}-`));
}

/** Removes it, and what an embedded Postgres keeps for it elsewhere when root runs it. */
export async function removeScratch(dir: string): Promise<void> {
  const home = await findHome(dir);
  for (const each of [home.dir, dir]) await rm(each, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
}

/** What test runs that were interrupted have left behind. */
export async function sweepScratch(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    const pid = Number(new RegExp(`^${PREFIX}(\\d+)-`).exec(name)?.[1] ?? NaN);
    if (pid && !isAlive(pid)) await removeScratch(path.join(tmpdir(), name)).catch(() => undefined);
  }
}
