import { readFile } from 'node:fs/promises';
import { DatabaseSetupError } from '../database-setup-error.js';

export interface Account {
  readonly uid: number;
  readonly gid: number;
}

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Postgres refuses to run as root: there it runs as the system's `postgres` or, failing that, `nobody`. */
export async function findServiceAccount(): Promise<Account> {
  const lines = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  const entry = lines.find(([name]) => name === 'postgres') ?? lines.find(([name]) => name === 'nobody');
  if (!entry) {
    throw new DatabaseSetupError(
      'The embedded PostgreSQL cannot run as root, and this system has no account `postgres` or `nobody`: run Tollgate as an ordinary user or set DATABASE_URL.',
    );
  }
  // macOS writes nobody's ids as -2.
  return { uid: Number(entry[2]) >>> 0, gid: Number(entry[3]) >>> 0 };
}
