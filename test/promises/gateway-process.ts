import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../support/free-port.js';
import { startPostgres } from '../support/postgres.js';
import { makeScratch, removeScratch } from '../support/scratch.js';
import { DRILL_MODEL, type DrillRoutes, type GatewayUnderDrill } from './gateway-under-drill.js';
import { FROM_BUILD } from './launch.js';
import { end, spawnTied } from './tied-process.js';

const READY_MS = 60_000;
const STOP_MS = 30_000;

/** Starts the built gateway as it is shipped, in a process of its own, on a Postgres for throwing away. */
export async function startGatewayProcess(routes: DrillRoutes): Promise<GatewayUnderDrill> {
  const postgres = await startPostgres();
  const folder = await makeScratch();
  const apiKey = randomBytes(16).toString('hex');
  const port = await freePort();
  // JSON is YAML, too.
  writeFileSync(path.join(folder, 'tollgate.yaml'), JSON.stringify(toYaml(routes)));
  const log = path.join(folder, 'log');
  const output = openSync(log, 'a');
  const env = { ...environment(port, apiKey), DATABASE_URL: postgres.url };
  const child = spawnTied(process.execPath, FROM_BUILD, { cwd: folder, env, stdio: ['ignore', output, output] });
  await untilReady(child, port, log);
  const stop = async (): Promise<void> => {
    await end(child, 'SIGTERM', STOP_MS);
    await postgres.stop();
    await removeScratch(folder);
  };
  return { baseUrl: `http://127.0.0.1:${port}`, apiKey, databaseUrl: postgres.url, stop };
}

function toYaml({ providers, breaker }: DrillRoutes): object {
  return {
    providers: providers.map(({ name, baseUrl }, at) => ({
      name,
      type: 'openai-compatible',
      base_url: baseUrl,
      api_key_env: 'DRILL_PROVIDER_KEY',
      models: [DRILL_MODEL],
      priority: at + 1,
    })),
    breaker: { open_ms: breaker.openMs, window_ms: breaker.windowMs },
  };
}

/** Only what is named here: the settings of whoever runs the drill change nothing. */
function environment(port: number, apiKey: string): Record<string, string> {
  const { PATH = '', HOME = '' } = process.env;
  return {
    PATH,
    HOME,
    HOST: '127.0.0.1',
    PORT: String(port),
    API_KEYS: `drill=${apiKey}`,
    DRILL_PROVIDER_KEY: 'sk-drill',
    MAX_REQUESTS_PER_MINUTE: '0',
    MAX_REQUESTS_PER_HOUR: '0',
    LOG_LEVEL: 'warn',
    DRAIN_TIMEOUT_MS: '5000',
  };
}

async function untilReady(child: ChildProcess, port: number, log: string): Promise<void> {
  const deadline = performance.now() + READY_MS;
  for (;;) {
    const isReady = await fetch(`http://127.0.0.1:${port}/health/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isReady) return;
    if (child.exitCode !== null || performance.now() > deadline) {
      throw new Error(`The gateway is not ready. Its last words:\n${readFileSync(log, 'utf8').slice(-2_000)}`);
    }
    await sleep(50);
  }
}
