import './v8-flags.js';
import 'reflect-metadata';
import { closeSync, openSync } from 'node:fs';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { createApp } from './app.js';
import { systemClock } from './core/clock.js';
import { deliverFirstKeys, HOW_TO_MAKE_A_KEY, KeysService, makeFirstKeys } from './keys/index.js';
import { type Config, ConfigError, ConfigReload, Database, LiveConfig, type Log, type LogOutput, openLog } from './platform/index.js';
import { Ledger } from './usage/index.js';
import { greeting } from './greeting.js';

/** BSD's `EX_CONFIG`: supervisors can tell a wrong configuration from a crash. */
const EXIT_CONFIG = 78;
/** BSD's `EX_TEMPFAIL`: rows of the ledger are not in the database yet, and another process must write them. */
const EXIT_UNWRITTEN = 75;

async function main(): Promise<void> {
  const live = readConfig();
  const config = live.current;
  const logOutput = openLog(config);
  // A file that changes before there is an application is found without a signal.
  let reload = (): void => undefined;
  onHangUp(() => reload());
  // While a store that is away is waited for, nothing else may keep the process alive.
  const alive = setInterval(() => undefined, 60_000);
  for (const message of config.deprecations) logOutput.log.warn({ event: 'config_deprecated', message });
  for (const message of config.notices) logOutput.log.warn({ event: 'config_notice', message });
  try {
    const app = await createApp(live, { logOutput });
    stopOnSignals(app, config.drain.timeoutMs, logOutput);
    reload = () => app.get(ConfigReload).reload('signal');
    await app.listen(config.http.port, config.http.host);
    clearInterval(alive);
    await welcome(app, config, logOutput.log);
  } catch (error) {
    logOutput.log.fatal({ event: 'start_failed', err: error });
    logOutput.flush();
    process.stderr.write(`tollgate could not start: ${(error as Error).message}\n`);
    process.exit(1);
  }
}

function readConfig(): LiveConfig {
  try {
    return LiveConfig.load({ env: process.env, cwd: process.cwd() }, systemClock);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exit(EXIT_CONFIG);
  }
}

/** Says where the gateway listens and, on a terminal, what to paste next. First keys are shown here once, or never. */
async function welcome(app: NestFastifyApplication, config: Config, log: Log): Promise<void> {
  const url = await app.getUrl();
  log.info({ event: 'listening', url, version: config.app.version, environment: config.app.environment });
  const { embedded } = app.get(Database);
  const keys = await makeFirstKeys(app.get(KeysService), { embedded, config });
  const file = keys && (await deliverFirstKeys(keys, process.stdout, config.database.dataDir));
  if (file)
    log.info({ event: 'first_keys_made', file, message: 'The first two API keys are in this file, which only this user can read.' });
  // A database elsewhere may be away, or empty: of that one nobody can say that it has keys.
  else if (!keys && embedded) log.info({ event: 'keys_exist', message: `To make another key: ${HOW_TO_MAKE_A_KEY}` });
  if (process.stdout.isTTY) process.stdout.write(greeting({ url, key: keys?.client.key, model: config.defaultModel ?? 'echo' }));
}

/** SIGHUP asks for a reload. A terminal that is closed sends it as well, and then it ends the process as it always did. */
function onHangUp(reload: () => void): void {
  process.on('SIGHUP', () => {
    if (!hasLostTerminal()) return reload();
    process.removeAllListeners('SIGHUP');
    process.kill(process.pid, 'SIGHUP');
  });
}

function hasLostTerminal(): boolean {
  if (!process.stdout.isTTY) return false;
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return false;
  } catch {
    return true;
  }
}

/** The first signal drains, a second one leaves at once. */
function stopOnSignals(app: NestFastifyApplication, drainTimeoutMs: number, { log, flush }: LogOutput): void {
  let stopping = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (stopping) process.exit(1);
    stopping = true;
    log.info({ event: 'stopping', signal });
    // Streams that outlast the drain are cut; they are settled like any other that ends before its time.
    setTimeout(() => app.getHttpServer().closeAllConnections(), drainTimeoutMs).unref();
    app
      .close()
      .then(() => app.get(Ledger).close())
      .then((unwritten) => {
        if (unwritten > 0) process.exitCode = EXIT_UNWRITTEN;
        log.info({ event: 'stopped' });
      })
      .catch((error: unknown) => {
        process.exitCode = 1;
        log.error({ event: 'stop_failed', err: error });
      })
      .finally(() => {
        flush();
        process.exit();
      });
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}

await main();
