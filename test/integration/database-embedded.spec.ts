import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readFile, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { EmbeddedPostgres } from '../../src/platform/database/embedded-postgres.js';
import { isAlive } from '../../src/platform/database/embedded/postmaster.js';
import { startChild } from '../support/child.js';
import { eventually } from '../support/eventually.js';
import { answers, query } from '../support/query.js';
import { makeScratch, removeScratch } from '../support/scratch.js';
import { silentLog as log } from '../support/silent-log.js';

interface ChildPostgres {
  readonly url: string;
  readonly pid: number;
  readonly isOurs: boolean;
}

describe('EmbeddedPostgres', () => {
  let dataDir: string;
  const running: EmbeddedPostgres[] = [];

  async function start({ durable = false } = {}): Promise<EmbeddedPostgres> {
    const postgres = await EmbeddedPostgres.start({ dataDir, log, durable });
    running.push(postgres);
    return postgres;
  }

  beforeEach(async () => {
    dataDir = await makeScratch();
  });

  afterEach(async () => {
    for (const postgres of running.splice(0)) await postgres.stop();
    await removeScratch(dataDir);
  });

  it('keeps its rows and its address over a restart', async () => {
    const first = await start();
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await first.stop();

    const second = await start();

    expect(second.url).toBe(first.url);
    expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  it('lets in nobody without the password, which only its owner can read', async () => {
    const postgres = await start();

    const { mode } = await stat(path.join(postgres.home, 'cluster', 'password'));

    expect(mode & 0o777).toBe(0o600);
    await expect(query(postgres.url.replace(/:[^:@]+@/, ':guess@'), 'SELECT 1')).rejects.toThrow('password authentication failed');
  });

  it('brings a killed server back at the same address, with every acknowledged row', async () => {
    const postgres = await start({ durable: true });
    await query(postgres.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    const { pid } = postgres;

    process.kill(pid, 'SIGKILL');
    await eventually(() => postgres.pid !== pid && answers(postgres.url));

    expect(await query(postgres.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  it('leaves no server behind when its process is killed', async () => {
    const child = await startChild<ChildPostgres>('embedded.ts', { args: [dataDir] });
    expect(await answers(child.said.url)).toBe(true);

    await child.kill('SIGKILL');

    await eventually(() => !isAlive(child.said.pid));
  });

  it('is a client of the server that another process runs, and takes over at the same address when that process goes', async () => {
    const child = await startChild<ChildPostgres>('embedded.ts', { args: [dataDir] });

    const postgres = await start();
    const before = { url: postgres.url, isOurs: postgres.isOurs };
    await child.kill('SIGKILL');
    await eventually(() => postgres.isOurs && answers(postgres.url));

    expect(before).toEqual({ url: child.said.url, isOurs: false });
    expect(postgres.url).toBe(child.said.url);
  });

  it('leaves the server alone that another process runs', async () => {
    const child = await startChild<ChildPostgres>('embedded.ts', { args: [dataDir] });
    const postgres = await start();

    await postgres.stop();

    expect(await answers(child.said.url)).toBe(true);
    await child.kill('SIGTERM');
    expect(isAlive(child.said.pid)).toBe(false);
  });

  it('makes one database when several processes start on a new folder at once', async () => {
    const children = await Promise.all([1, 2, 3].map(() => startChild<ChildPostgres>('embedded.ts', { args: [dataDir] })));

    expect(new Set(children.map(({ said }) => said.url)).size).toBe(1);
    expect(children.filter(({ said }) => said.isOurs)).toHaveLength(1);
    for (const child of children) await child.kill('SIGKILL');
  });

  it('is not misled by a pid file whose pid belongs to somebody else now', async () => {
    const first = await start();
    const pidFile = path.join(first.home, 'cluster/pgdata/postmaster.pid');
    const text = await readFile(pidFile, 'utf8');
    await first.stop();
    await writeFile(pidFile, text.replace(/^\d+/, String(process.pid)));

    const second = await start();

    expect(second.isOurs).toBe(true);
    expect(await answers(second.url)).toBe(true);
  });
});
