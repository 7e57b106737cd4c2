import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { chown, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { EmbeddedPostgres } from '../../src/platform/database/embedded-postgres.js';
import { startChild } from '../support/child.js';
import { answers, query } from '../support/query.js';
import { makeScratch, removeScratch } from '../support/scratch.js';
import { silentLog as log } from '../support/silent-log.js';

const NOBODY = 65_534;
const asNobody = { uid: NOBODY, gid: NOBODY };
const isRoot = process.getuid?.() === 0;
const canBeNobody = isRoot && spawnSync('test', ['-r', path.join(import.meta.dirname, '../support/child.ts')], asNobody).status === 0;
if (!canBeNobody) console.warn('*** Not root, or in a folder that others cannot read: what differs between accounts is SKIPPED. ***');

interface ChildPostgres {
  readonly url: string;
  readonly home: string;
  readonly pid: number;
}

async function ownerOf(file: string): Promise<number> {
  return (await stat(file)).uid;
}

(isRoot ? describe : describe.skip)('EmbeddedPostgres as root', () => {
  let dataDir: string;
  let postgres: EmbeddedPostgres;

  beforeEach(async () => {
    dataDir = await makeScratch();
    postgres = await EmbeddedPostgres.start({ dataDir, log, durable: false });
  });

  afterEach(async () => {
    await postgres.stop();
    await removeScratch(dataDir);
  });

  it('runs the server as another account, from files that this account cannot change', async () => {
    const status = await readFile(`/proc/${postgres.pid}/status`, 'utf8');
    const [, uid] = /^Uid:\s+(\d+)/m.exec(status)!;
    const [, executable] = /^(.+)$/m.exec(
      await readFile(`/proc/${postgres.pid}/cmdline`, 'utf8').then((text) => text.replaceAll('\0', '\n')),
    )!;

    expect(Number(uid)).not.toBe(0);
    expect(await ownerOf(path.join(postgres.home, 'cluster/pgdata'))).toBe(Number(uid));
    expect(executable).toMatch(/^\/var\/lib\/tollgate\/[0-9a-f]{16}\/postgres-/);
    for (const file of [executable!, postgres.home, path.join(postgres.home, 'cluster'), path.join(postgres.home, 'cluster/password')]) {
      const { uid: owner, mode } = await stat(file);
      expect({ file, owner, others: mode & 0o022 }).toEqual({ file, owner: 0, others: 0 });
    }
  });

  it('passes none of our environment on to the server', async () => {
    const environment = await readFile(`/proc/${postgres.pid}/environ`, 'utf8');

    expect(environment.split('\0').map((entry) => entry.split('=')[0])).not.toContain('NODE_OPTIONS');
  });
});

(canBeNobody ? describe : describe.skip)('EmbeddedPostgres as an ordinary user', () => {
  let dataDir: string;

  beforeEach(async () => {
    dataDir = await makeScratch();
    await chown(dataDir, NOBODY, NOBODY);
  });

  afterEach(() => removeScratch(dataDir));

  it('keeps everything in the data folder', async () => {
    const child = await startChild<ChildPostgres>('embedded.ts', { args: [dataDir], ...asNobody });

    expect(child.said.home).toBe(path.join(dataDir, 'postgres'));
    expect(await answers(child.said.url)).toBe(true);
    await child.kill('SIGTERM');
  });

  it('shares its database with root, who runs it as its owner', async () => {
    const child = await startChild<ChildPostgres>('embedded.ts', { args: [dataDir], ...asNobody });
    await query(child.said.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await child.kill('SIGTERM');

    const postgres = await EmbeddedPostgres.start({ dataDir, log, durable: false });

    expect(await query(postgres.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    expect(await ownerOf(`/proc/${postgres.pid}`)).toBe(NOBODY);
    await postgres.stop();
  });

  it('is told what to do about a data folder that it may not use', async () => {
    await chown(dataDir, 0, 0);

    await expect(startChild('embedded.ts', { args: [dataDir], ...asNobody })).rejects.toThrow(
      'set TOLLGATE_DATA_DIR to a folder you may write to',
    );
  });
});
