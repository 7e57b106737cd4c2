import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createDatabase, type TestDatabase } from '../../support/database.js';
import { eventually } from '../../support/eventually.js';
import { Gate } from '../../support/gate.js';
import { CLIENT_KEY } from '../../support/gateway.js';
import { LogCapture, type LogLine } from '../../support/gateway/log-capture.js';
import { query } from '../../support/query.js';
import { rawRequest } from '../../support/raw-client.js';
import { makeScratch, removeScratch } from '../../support/scratch.js';
import { CHAT_PATH } from '../stage.js';

const ROOT = path.resolve(import.meta.dirname, '../../..');
const START_MS = 60_000;

interface Gateway {
  readonly child: ChildProcess;
  readonly logs: LogCapture;
  readonly baseUrl: string;
}

describe('a gateway that ends while the database is away', () => {
  let database: TestDatabase;
  let gate: Gate;
  let folder: string;
  let running: ChildProcess[];

  beforeEach(async () => {
    database = await createDatabase();
    gate = await Gate.before(database.url);
    await gate.open();
    folder = await makeScratch();
    running = [];
  });

  afterEach(async () => {
    for (const child of running) if (child.exitCode === null) child.kill('SIGKILL');
    await gate.shut();
    await database.drop();
    await removeScratch(folder);
  });

  async function start(): Promise<Gateway> {
    const typescript = pathToFileURL(path.join(ROOT, 'scripts/register-ts.mjs')).href;
    const env = {
      PATH: process.env.PATH,
      HOST: '127.0.0.1',
      PORT: '0',
      APP_ENV: 'test',
      DATABASE_URL: gate.url,
      API_KEYS: `client=${CLIENT_KEY}`,
      TOLLGATE_DATA_DIR: 'data',
    };
    const child = spawn(process.execPath, ['--import', typescript, path.join(ROOT, 'src/main.ts')], { cwd: folder, env });
    running.push(child);
    const logs = new LogCapture();
    child.stdout.pipe(logs, { end: false });
    child.stderr.pipe(logs, { end: false });
    await eventually(() => lineOf(logs, 'listening') !== undefined || child.exitCode !== null, START_MS);
    return { child, logs, baseUrl: String(lineOf(logs, 'listening')?.url) };
  }

  const lineOf = (logs: LogCapture, event: string): LogLine | undefined => logs.lines.find((line) => line.event === event);

  const call = async ({ baseUrl }: Gateway): Promise<void> => {
    const headers = { authorization: `Bearer ${CLIENT_KEY}`, 'content-type': 'application/json' };
    const body = JSON.stringify({ model: 'echo', messages: [{ role: 'user', content: 'hi' }] });
    expect((await rawRequest(baseUrl, { method: 'POST', path: CHAT_PATH, headers, body })).status).toBe(200);
  };

  const exitCodeOf = async ({ child }: Gateway): Promise<number> => {
    const exited = once(child, 'exit') as Promise<[number]>;
    child.kill('SIGTERM');
    return (await exited)[0];
  };

  it('says so with its exit code, and the next one on the volume writes the rows and raises an alert', async () => {
    const former = await start();
    await call(former);
    await gate.shut();
    await call(former);
    await call(former);
    await eventually(() => lineOf(former.logs, 'ledger_spooling') !== undefined);

    expect(await exitCodeOf(former)).toBe(75);

    expect(lineOf(former.logs, 'ledger_spool_left')).toMatchObject({ level: 50, path: expect.stringContaining(path.join(folder, 'data')) });
    await gate.open();
    const next = await start();
    const rows = async (): Promise<number> => (await query(database.url, 'SELECT 1 FROM ledger')).length;
    await eventually(async () => (await rows()) === 3);
    const alerts = (): Promise<object[]> => query(database.url, `SELECT facts FROM alerts WHERE kind = 'ledger_spooled'`);
    await eventually(async () => (await alerts()).length === 1);
    expect(await exitCodeOf(next)).toBe(0);
    expect(await readdir(path.join(folder, 'data', 'spool'))).toEqual([]);
  }, 120_000);
});
