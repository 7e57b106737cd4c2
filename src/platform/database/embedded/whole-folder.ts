import { existsSync } from 'node:fs';
import { readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { isAlive } from './postmaster.js';

/**
 * Makes a folder whole or not at all: it is filled aside and then renamed. A process that is killed leaves nothing half done,
 * and of two that do it at once one wins. Nothing happens where the folder exists.
 */
export async function makeWhole(place: string, fill: (draft: string) => Promise<void>): Promise<void> {
  if (existsSync(place)) return;
  const dir = path.dirname(place);
  await removeLeftovers(dir);
  const draft = path.join(dir, `draft-${path.basename(place)}-${process.pid}`);
  try {
    await fill(draft);
    await rename(draft, place);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!existsSync(place)) throw error;
  }
}

/** Drafts of processes that died over them. */
async function removeLeftovers(dir: string): Promise<void> {
  for (const name of await readdir(dir)) {
    const pid = Number(/^draft-.*-(\d+)$/.exec(name)?.[1] ?? NaN);
    if (pid && (pid === process.pid || !isAlive(pid))) await rm(path.join(dir, name), { recursive: true, force: true });
  }
}
