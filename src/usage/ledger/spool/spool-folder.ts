import { mkdir, open, readdir, rename, rmdir, stat, unlink } from 'node:fs/promises';
import path from 'node:path';
import { isOwned, OWNER_FILE, OwnerLock } from './owner-lock.js';

const SEGMENT = /^\d+\.segment$/;
const NUMBER_DIGITS = 10;
/** Hidden until it is locked: nobody takes it for one without an owner. */
const DRAFT = '.';

/** A process's own part of the spool: numbered segments and the lock that says whose they are. */
export class SpoolFolder {
  private number = 0;

  private constructor(
    readonly dir: string,
    private readonly lock: OwnerLock,
  ) {}

  /** `name` must be one that no process has had. */
  static async make(spoolDir: string, name: string): Promise<SpoolFolder> {
    await mkdir(spoolDir, { recursive: true, mode: 0o700 });
    const draft = path.join(spoolDir, `${DRAFT}${name}`);
    await mkdir(draft, { mode: 0o700 });
    const lock = await OwnerLock.take(draft);
    const dir = path.join(spoolDir, name);
    await rename(draft, dir);
    await syncFolder(spoolDir);
    return new SpoolFolder(dir, lock);
  }

  /** The path of a segment behind all others. */
  nextFile(): string {
    this.number += 1;
    return path.join(this.dir, `${String(this.number).padStart(NUMBER_DIGITS, '0')}.segment`);
  }

  /** Makes durable which segments there are. */
  sync(): Promise<void> {
    return this.lock.syncFolder();
  }

  /** Lets go of it; without segments it is removed, with them it is there for the next process. */
  async close(): Promise<void> {
    await this.lock.release();
    // One that cannot be removed is in nobody's way.
    await removeEmpty(this.dir).catch(() => undefined);
  }
}

/** The segments, oldest first, of processes that do not live any more. `onForeign` is told of folders that this process may not look into. */
export async function abandonedSegments(spoolDir: string, onForeign: (dir: string, error: unknown) => void): Promise<readonly string[]> {
  const found: string[] = [];
  for (const dir of await foldersIn(spoolDir)) {
    const isLeft = await isOwned(dir).then(
      (owned) => !owned,
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') onForeign(dir, error);
        return false;
      },
    );
    if (!isLeft) continue;
    const names = (await readdir(dir).catch(ignoreMissing)) ?? [];
    const segments = names.filter((name) => SEGMENT.test(name)).sort();
    if (segments.length === 0) await removeEmpty(dir);
    found.push(...segments.map((name) => path.join(dir, name)));
  }
  return found;
}

/** Moves an abandoned segment. Of several processes that try, one gets it; the others are told `undefined`. */
export async function moveSegment(from: string, to: string): Promise<{ readonly bytes: number } | undefined> {
  try {
    await rename(from, to);
  } catch (error) {
    return ignoreMissing(error as NodeJS.ErrnoException);
  }
  await removeEmpty(path.dirname(from));
  return { bytes: (await stat(to)).size };
}

async function foldersIn(spoolDir: string): Promise<readonly string[]> {
  const entries = (await readdir(spoolDir, { withFileTypes: true }).catch(ignoreMissing)) ?? [];
  const folders = entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith(DRAFT));
  return folders.map(({ name }) => path.join(spoolDir, name)).sort();
}

/** A folder with anything in it but the lock of its dead owner stays. */
async function removeEmpty(dir: string): Promise<void> {
  const names = (await readdir(dir).catch(ignoreMissing)) ?? [];
  if (names.some((name) => name !== OWNER_FILE)) return;
  await unlink(path.join(dir, OWNER_FILE)).catch(ignoreMissing);
  await rmdir(dir).catch(ignoreMissing);
}

/** Makes durable which files it has. */
export async function syncFolder(dir: string): Promise<void> {
  const folder = await open(dir, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT' && error.code !== 'ENOTEMPTY') throw error;
}
