import { createHash } from 'node:crypto';
import type { Stats } from 'node:fs';
import { chmod, lstat, mkdir, realpath, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { DatabaseSetupError } from '../database-setup-error.js';
import { type Account, findServiceAccount, isRoot } from './service-account.js';

const ROOTS_FOLDER = '/var/lib/tollgate';

/** Where an embedded database lives, and as whom it runs. */
export interface Home {
  readonly dir: string;
  /** Undefined: as whoever we are. */
  readonly account: Account | undefined;
  /** That account need not be able to reach the installed binaries: it gets a copy. */
  readonly needsCopy: boolean;
}

/**
 * An ordinary user's database lies in the data folder. Root's cannot: the account that Postgres then runs as may not be able to
 * reach that folder. It lies under /var/lib, unless a user's database is already there; that one is run as its owner.
 */
export async function findHome(dataDir: string): Promise<Home> {
  await makeFolder(dataDir, 0o700);
  const folder = await realpath(dataDir);
  const dir = path.join(folder, 'postgres');
  if (!isRoot()) {
    await makeFolder(dir, 0o700);
    return { dir, account: undefined, needsCopy: false };
  }
  const present = await lstat(dir).catch(() => undefined);
  if (present?.isDirectory() && present.uid !== 0) {
    return { dir, account: { uid: present.uid, gid: present.gid }, needsCopy: false };
  }
  return rootsHome(folder);
}

async function rootsHome(folder: string): Promise<Home> {
  const dir = path.join(ROOTS_FOLDER, createHash('sha256').update(folder).digest('hex').slice(0, 16));
  for (const each of [ROOTS_FOLDER, dir]) {
    await makeFolder(each, 0o755);
    assertOurs(each, await lstat(each));
  }
  // For whoever wonders later what this folder is for.
  await writeFile(path.join(dir, 'data-folder'), `${folder}\n`);
  const cluster = await lstat(path.join(dir, 'cluster', 'pgdata')).catch(() => undefined);
  return { dir, account: cluster ? { uid: cluster.uid, gid: cluster.gid } : await findServiceAccount(), needsCopy: true };
}

/** What root runs from and trusts must not be another's to change. */
function assertOurs(dir: string, found: Stats): void {
  if (found.isDirectory() && found.uid === 0 && (found.mode & 0o022) === 0) return;
  throw new DatabaseSetupError(
    `${dir} must be a folder that belongs to root and that only root can write to: repair it, or set DATABASE_URL.`,
  );
}

async function makeFolder(dir: string, mode: number): Promise<void> {
  try {
    const isNew = (await mkdir(dir, { recursive: true, mode })) !== undefined;
    // Whatever the umask says.
    if (isNew) await chmod(dir, mode);
  } catch (error) {
    throw new DatabaseSetupError(
      `Cannot create ${dir} (${(error as NodeJS.ErrnoException).code}): set TOLLGATE_DATA_DIR to a folder you may write to, or set DATABASE_URL.`,
      { cause: error },
    );
  }
}
