import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const CACHE = path.resolve(import.meta.dirname, '../../.cache');

export interface RedisBinary {
  readonly file: string;
  readonly env: NodeJS.ProcessEnv;
}

/** The installed Redis, or one fetched from Debian's packages into `.cache/`: nothing is installed, and root is not needed. */
export async function findRedisBinary(): Promise<RedisBinary> {
  const installed = { file: 'redis-server', env: { PATH: process.env.PATH } };
  if (await works(installed)) return installed;
  const root = path.join(CACHE, 'redis');
  const fetched = await unpackedIn(root);
  if (await works(fetched)) return fetched;
  await fetchRedis(root);
  return unpackedIn(root);
}

async function works({ file, env }: RedisBinary): Promise<boolean> {
  return run(file, ['--version'], { env }).then(
    () => true,
    () => false,
  );
}

async function unpackedIn(root: string): Promise<RedisBinary> {
  const lib = path.join(root, 'usr/lib');
  const folders = await readdir(lib).catch(() => []);
  const libraries = folders.filter((name) => name.includes('-linux-')).map((name) => path.join(lib, name));
  return { file: path.join(root, 'usr/bin/redis-server'), env: { PATH: process.env.PATH, LD_LIBRARY_PATH: libraries.join(':') } };
}

/** Made aside and renamed, so that several runs may do it at once. apt gets folders of its own: the system's belong to root. */
async function fetchRedis(root: string): Promise<void> {
  await mkdir(CACHE, { recursive: true });
  const work = await mkdtemp(path.join(CACHE, 'redis-'));
  const [lists, cache, draft] = [path.join(work, 'lists'), path.join(work, 'apt'), path.join(work, 'root')];
  const archives = path.join(cache, 'archives');
  try {
    for (const dir of [path.join(lists, 'partial'), path.join(archives, 'partial'), draft]) await mkdir(dir, { recursive: true });
    const folders = [`Dir::State::Lists=${lists}`, `Dir::Cache=${cache}`, 'Debug::NoLocking=1', 'APT::Sandbox::User=root'];
    const options = ['-qq', ...folders.flatMap((option) => ['-o', option])];
    await run('apt-get', [...options, 'update']);
    await run('apt-get', [...options, '-y', '--no-install-recommends', '--download-only', 'install', 'redis-server']);
    for (const name of await readdir(archives)) {
      if (name.endsWith('.deb')) await run('dpkg-deb', ['-x', path.join(archives, name), draft]);
    }
    await replace(draft, root);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function replace(draft: string, root: string): Promise<void> {
  if (await works(await unpackedIn(root))) return;
  await rm(root, { recursive: true, force: true });
  // If another run was faster, its files are as good.
  await rename(draft, root).catch(() => undefined);
}
