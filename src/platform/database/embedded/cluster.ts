import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { reasonOf } from '../../reason.js';
import { DatabaseSetupError } from '../database-setup-error.js';
import type { Home } from './home.js';
import { NATIVE_ENV, nativeBinary } from './native-command.js';
import { makeWhole } from './whole-folder.js';

export const SUPERUSER = 'tollgate';

/** The files of one database: made once, whole or not at all. */
export interface Cluster {
  /** PGDATA. */
  readonly dir: string;
  readonly password: string;
  /** Remembers the port, so that the address stays the same over restarts where it can. */
  readonly portFile: string;
}

export interface ClusterOptions {
  readonly nativeDir: string;
  /** False saves waiting for the disk; such a database is for throwing away. */
  readonly durable: boolean;
}

/** The cluster in `home`, created at the first start. */
export async function openCluster(home: Home, options: ClusterOptions): Promise<Cluster> {
  const place = path.join(home.dir, 'cluster');
  await makeWhole(place, (draft) => fillCluster(home, draft, options));
  return {
    dir: path.join(place, 'pgdata'),
    password: await readPassword(path.join(place, 'password')),
    portFile: path.join(place, 'port'),
  };
}

async function fillCluster(home: Home, draft: string, { nativeDir, durable }: ClusterOptions): Promise<void> {
  const password = randomBytes(32).toString('base64url');
  const pgdata = path.join(draft, 'pgdata');
  const firstPassword = path.join(draft, 'initdb-password');
  await mkdir(pgdata, { recursive: true, mode: 0o700 });
  await writeFile(path.join(draft, 'password'), password, { mode: 0o600 });
  await writeFile(firstPassword, password, { mode: 0o600 });
  if (home.account) {
    await chmod(draft, 0o755);
    for (const each of [pgdata, firstPassword]) await chown(each, home.account.uid, home.account.gid);
  }
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const login = [`--username=${SUPERUSER}`, '--auth=scram-sha-256', `--pwfile=${firstPassword}`];
  const args = ['-D', pgdata, ...login, ...locale, ...(durable ? [] : ['--no-sync'])];
  try {
    await promisify(execFile)(nativeBinary(nativeDir, 'initdb'), args, { ...home.account, cwd: draft, env: NATIVE_ENV });
  } catch (error) {
    const reason = (error as { stderr?: string }).stderr?.trim() || reasonOf(error);
    throw new DatabaseSetupError(`The embedded PostgreSQL could not create its database in ${home.dir}: ${reason}`, { cause: error });
  }
  await rm(firstPassword);
}

async function readPassword(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw new DatabaseSetupError(
      `Cannot read ${file} (${(error as NodeJS.ErrnoException).code}): run as the user whose database this is, or set DATABASE_URL.`,
      { cause: error },
    );
  }
}
