import type { ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeScratch, removeScratch } from '../../support/scratch.js';
import { lastingPort } from '../lasting-port.js';
import type { Launch } from '../launch.js';
import { end, isRunning, spawnTied } from '../tied-process.js';
import { TORTURE_MODELS } from './budget-plan.js';

export const ADMIN_KEY = 'torture-administrator-0123456789';
const READY_MS = 60_000;
const STOP_MS = 20_000;
const HEALTH_MS = 5_000;

export interface FleetStores {
  /** Undefined = one that it keeps by itself. */
  readonly databaseUrl: string | undefined;
  /** What does not belong to calls goes there; undefined = where all goes. */
  readonly directUrl?: string;
  /** Undefined = the gateway is alone. */
  readonly redisUrl: string | undefined;
  readonly providerUrl: string;
}

/** One gateway process that is killed and started again at its address. */
export class FleetMember {
  private child: ChildProcess | undefined;
  private isStopped = false;

  private constructor(
    private readonly launch: Launch,
    private readonly port: number,
    private readonly folder: string,
    private readonly env: Record<string, string>,
  ) {}

  static async make(launch: Launch, stores: FleetStores): Promise<FleetMember> {
    const [port, folder] = [await lastingPort(), await makeScratch()];
    writeFileSync(path.join(folder, 'tollgate.yaml'), JSON.stringify(toYaml(stores.providerUrl)));
    return new FleetMember(launch, port, folder, environment(port, stores));
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get dataDir(): string {
    return path.join(this.folder, '.tollgate');
  }

  /** What it has said. */
  get log(): string {
    return path.join(this.folder, 'log');
  }

  async start(): Promise<void> {
    if (this.isStopped) throw new Error('This gateway is not to be started any more.');
    const output = openSync(this.log, 'a');
    this.child = spawnTied(process.execPath, this.launch, { cwd: this.folder, env: this.env, stdio: ['ignore', output, output] });
    closeSync(output);
    await this.untilReady();
  }

  /** At once, as it stands; resolves when it has ended. */
  async kill(): Promise<void> {
    if (this.child) await end(this.child, 'SIGKILL', STOP_MS);
  }

  async killAndRestart(): Promise<void> {
    if (!this.isUp) throw this.fault('has ended by itself');
    await end(this.child!, 'SIGKILL', STOP_MS);
    await sleep(Math.random() * 2_000);
    await this.start();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    if (this.child) await end(this.child, 'SIGTERM', STOP_MS);
  }

  /** With its log. */
  async remove(): Promise<void> {
    await this.stop();
    await removeScratch(this.folder);
  }

  async untilReady(): Promise<void> {
    const deadline = performance.now() + READY_MS;
    for (;;) {
      const isReady = await fetch(`${this.baseUrl}/health/ready`, { signal: AbortSignal.timeout(HEALTH_MS) }).then(
        ({ ok }) => ok,
        () => false,
      );
      if (isReady) return;
      if (!this.isUp || performance.now() > deadline) throw this.fault('is not ready');
      await sleep(100);
    }
  }

  private get isUp(): boolean {
    return this.child !== undefined && isRunning(this.child);
  }

  private fault(what: string): Error {
    return new Error(`A gateway ${what}. The last words in ${this.log}:\n${readFileSync(this.log, 'utf8').slice(-2_000)}`);
  }
}

function toYaml(providerUrl: string): object {
  return {
    providers: [
      {
        name: 'stub',
        type: 'openai-compatible',
        base_url: providerUrl,
        api_key_env: 'TORTURE_PROVIDER_KEY',
        models: TORTURE_MODELS.map(({ name }) => name),
        // Refusals are meant to be tried again, and no outage.
        timeouts: { total_ms: 20_000 },
      },
    ],
    prices: TORTURE_MODELS.map(({ name, input, output }) => ({ model: name, input, output, per: 1_000_000 })),
    breaker: { failure_ratio: 1, consecutive: 1_000_000 },
    retry: { max_attempts: 3, base_ms: 10, max_ms: 100, budget_ratio: 1 },
  };
}

/** Only what is named here: the settings of whoever runs the drill change nothing. */
function environment(port: number, { databaseUrl, directUrl, redisUrl }: FleetStores): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env;
  return {
    PATH,
    HOME,
    HOST: '127.0.0.1',
    PORT: String(port),
    ...(databaseUrl !== undefined && { DATABASE_URL: databaseUrl }),
    ...(directUrl !== undefined && { DATABASE_DIRECT_URL: directUrl }),
    ...(redisUrl !== undefined && { REDIS_URL: redisUrl }),
    ADMIN_API_KEYS: ADMIN_KEY,
    TORTURE_PROVIDER_KEY: 'sk-torture',
    MAX_REQUESTS_PER_MINUTE: '0',
    MAX_REQUESTS_PER_HOUR: '0',
    LOG_LEVEL: 'warn',
    DRAIN_TIMEOUT_MS: '5000',
  };
}
