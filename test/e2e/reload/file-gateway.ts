import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { createApp } from '../../../src/app.js';
import { systemClock } from '../../../src/core/clock.js';
import { LiveConfig } from '../../../src/platform/index.js';
import { createDatabase } from '../../support/database.js';
import { eventually } from '../../support/eventually.js';
import { ADMIN_KEY, CLIENT_KEY, METRICS_TOKEN, PROVIDER_KEY } from '../../support/gateway.js';
import { LogCapture, type LogLine } from '../../support/gateway/log-capture.js';
import { type RawAnswer, RawClient, rawRequest } from '../../support/raw-client.js';
import { makeScratch, removeScratch } from '../../support/scratch.js';
import { CALL_HEADERS, CHAT_PATH, MESSAGES } from '../stage.js';

const ROOT = path.resolve(import.meta.dirname, '../../..');

/** What `GET /admin/config` says. */
export interface RunningConfig {
  readonly version: string;
  readonly file: string | null;
  readonly last_problem: { readonly at: string; readonly problems: readonly string[] } | null;
  readonly settings: readonly { readonly name: string; readonly value: unknown; readonly source: string }[];
}

/** A gateway that was started as an installation is: with variables, in a folder with a file. */
export class FileGateway {
  private constructor(
    readonly folder: string,
    readonly logs: LogCapture,
    private readonly served: { readonly baseUrl: string; readonly stop: () => Promise<void>; readonly process?: ChildProcess },
  ) {}

  /** In this process. `files` are by their path in the folder. */
  static start(files: Readonly<Record<string, string>>): Promise<FileGateway> {
    return FileGateway.prepared(files, async (env, folder, logs) => {
      const app = await createApp(LiveConfig.load({ env, cwd: folder }, systemClock), { logDestination: logs });
      await app.listen(0, '127.0.0.1');
      return { baseUrl: await app.getUrl(), stop: () => app.close() };
    });
  }

  /** In a process of its own, which can be sent signals. */
  static spawn(files: Readonly<Record<string, string>>): Promise<FileGateway> {
    return FileGateway.prepared(files, async (env, folder, logs) => {
      const typescript = pathToFileURL(path.join(ROOT, 'scripts/register-ts.mjs')).href;
      const script = path.join(ROOT, 'src/main.ts');
      const child = spawn(process.execPath, ['--import', typescript, script], { cwd: folder, env: { PATH: process.env.PATH, ...env } });
      child.stdout.pipe(logs, { end: false });
      child.stderr.pipe(logs, { end: false });
      const listening = (): LogLine | undefined => logs.lines.find(({ event }) => event === 'listening');
      await eventually(() => listening() !== undefined || child.exitCode !== null, 60_000);
      if (!listening()) throw new Error(`the gateway did not start: ${logs.text}`);
      const stop = async (): Promise<void> => {
        const exited = once(child, 'exit');
        child.kill('SIGTERM');
        await exited;
      };
      return { baseUrl: String(listening()?.url), stop, process: child };
    });
  }

  private static async prepared(
    files: Readonly<Record<string, string>>,
    serve: (env: Record<string, string>, folder: string, logs: LogCapture) => Promise<FileGateway['served']>,
  ): Promise<FileGateway> {
    const [database, folder, logs] = [await createDatabase(), await makeScratch(), new LogCapture()];
    for (const [name, text] of Object.entries(files)) writeIn(folder, name, text);
    const env = {
      HOST: '127.0.0.1',
      PORT: '0',
      APP_ENV: 'test',
      DATABASE_URL: database.url,
      API_KEYS: `client=${CLIENT_KEY}`,
      ADMIN_API_KEYS: `admin=${ADMIN_KEY}`,
      METRICS_TOKEN,
      PROVIDER_KEY,
    };
    const served = await serve(env, folder, logs);
    const stop = async (): Promise<void> => {
      await served.stop();
      await database.drop();
      await removeScratch(folder);
    };
    return new FileGateway(folder, logs, { ...served, stop });
  }

  stop(): Promise<void> {
    return this.served.stop();
  }

  signal(name: NodeJS.Signals): void {
    this.served.process!.kill(name);
  }

  write(text: string, name = 'tollgate.yaml'): void {
    writeIn(this.folder, name, text);
  }

  /** Of what the log says of the configuration: the last line of this event, as soon as there are so many. */
  async untilLogged(event: string, times = 1): Promise<LogLine> {
    const lines = (): readonly LogLine[] => this.logs.lines.filter((line) => line.event === event);
    await eventually(() => lines().length >= times);
    return lines().at(-1)!;
  }

  call(model: string): Promise<RawAnswer> {
    return rawRequest(this.served.baseUrl, { method: 'POST', path: CHAT_PATH, headers: CALL_HEADERS, body: toBody(model, false) });
  }

  /** What the model answered, or the status in its place. */
  async said(model: string): Promise<string> {
    const { status, body } = await this.call(model);
    if (status !== 200) return String(status);
    return (JSON.parse(body.toString()) as { choices: [{ message: { content: string } }] }).choices[0].message.content;
  }

  stream(model: string): Promise<RawClient> {
    return RawClient.send(this.served.baseUrl, { method: 'POST', path: CHAT_PATH, headers: CALL_HEADERS, body: toBody(model, true) });
  }

  async running(): Promise<RunningConfig> {
    const answer = await this.read('/admin/config', ADMIN_KEY);
    return JSON.parse(answer.body.toString()) as RunningConfig;
  }

  /** The lines of `/metrics` that begin so. */
  async metrics(name: string): Promise<readonly string[]> {
    const { body } = await this.read('/metrics', METRICS_TOKEN);
    return body
      .toString()
      .split('\n')
      .filter((line) => line.startsWith(name));
  }

  read(url: string, key: string): Promise<RawAnswer> {
    return rawRequest(this.served.baseUrl, { method: 'GET', path: url, headers: { authorization: `Bearer ${key}` } });
  }
}

/** A provider and an alias that leads to it. */
export function routesTo(upstreams: Readonly<Record<string, string>>, aliases: Readonly<Record<string, readonly string[]>>): string {
  const providers = Object.entries(upstreams).map(([name, baseUrl]) => ({
    name,
    type: 'openai-compatible',
    base_url: baseUrl,
    api_key_env: 'PROVIDER_KEY',
  }));
  const models = Object.entries(aliases).map(([name, to]) => ({ name, targets: to.map((provider) => ({ provider, model: 'm' })) }));
  return JSON.stringify({ providers, models });
}

function toBody(model: string, stream: boolean): string {
  return JSON.stringify({ model, messages: MESSAGES, stream });
}

function writeIn(folder: string, name: string, text: string): void {
  mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  writeFileSync(path.join(folder, name), text);
}
