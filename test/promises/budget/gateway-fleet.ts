import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../../support/free-port.js';
import { makeScratch } from '../../support/scratch.js';
import { TORTURE_MODELS } from './budget-plan.js';

const ENTRY = path.resolve(import.meta.dirname, '../../../dist/main.js');
export const ADMIN_KEY = 'torture-administrator-0123456789';
const READY_MS = 60_000;

export interface FleetStores {
  readonly databaseUrl: string;
  readonly redisUrl: string;
  readonly providerUrl: string;
}

/** One gateway process that is killed and started again at its address. */
export class FleetMember {
  private child: ChildProcess | undefined;
  private isStopped = false;

  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly env: Record<string, string>,
  ) {}

  static async make(stores: FleetStores): Promise<FleetMember> {
    const [port, folder] = [await freePort(), await makeScratch()];
    writeFileSync(path.join(folder, 'tollgate.yaml'), JSON.stringify(toYaml(stores.providerUrl)));
    return new FleetMember(port, folder, environment(port, stores));
  }

  get baseUrl(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get log(): string {
    return path.join(this.folder, 'log');
  }

  async start(): Promise<void> {
    const output = openSync(this.log, 'a');
    this.child = spawn(process.execPath, [ENTRY], { cwd: this.folder, env: this.env, stdio: ['ignore', output, output] });
    await this.untilReady();
  }

  async killAndRestart(): Promise<void> {
    if (!this.child || this.isStopped) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
    await sleep(Math.random() * 2_000);
    await this.start();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
    await exited;
    clearTimeout(timer);
  }

  kill(): void {
    this.child?.kill('SIGKILL');
  }

  async untilReady(): Promise<void> {
    const deadline = performance.now() + READY_MS;
    for (;;) {
      const isReady = await fetch(`${this.baseUrl}/health/ready`).then(
        ({ ok }) => ok,
        () => false,
      );
      if (isReady) return;
      if (performance.now() > deadline) throw new Error(`A gateway did not become ready; its log is ${this.log}.`);
      await sleep(100);
    }
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
function environment(port: number, { databaseUrl, redisUrl }: FleetStores): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env;
  return {
    PATH,
    HOME,
    HOST: '127.0.0.1',
    PORT: String(port),
    DATABASE_URL: databaseUrl,
    REDIS_URL: redisUrl,
    ADMIN_API_KEYS: ADMIN_KEY,
    TORTURE_PROVIDER_KEY: 'sk-torture',
    MAX_REQUESTS_PER_MINUTE: '0',
    MAX_REQUESTS_PER_HOUR: '0',
    LOG_LEVEL: 'warn',
    DRAIN_TIMEOUT_MS: '5000',
  };
}
