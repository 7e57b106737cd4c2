import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../log/log.js';
import { reasonOf } from '../reason.js';
import { DatabaseSetupError } from './database-setup-error.js';
import { type Cluster, openCluster, SUPERUSER } from './embedded/cluster.js';
import { choosePort } from './embedded/free-port.js';
import { findHome } from './embedded/home.js';
import { prepareNativeFiles } from './embedded/native-files.js';
import { askToStop, findPostmaster, findReadyPostmaster, isAlive, type Postmaster } from './embedded/postmaster.js';
import { toServerArgs } from './embedded/server-args.js';
import { ServerProcess } from './embedded/server-process.js';
import type { Account } from './embedded/service-account.js';

export interface EmbeddedPostgresOptions {
  readonly dataDir: string;
  readonly log: Log;
  /** False: fast and not safe against a power cut, for tests. */
  readonly durable?: boolean;
}

interface Installation {
  readonly nativeDir: string;
  readonly account: Account | undefined;
  readonly home: string;
  readonly cluster: Cluster;
  readonly durable: boolean;
}

const POLL_MS = 10;
const WATCH_MS = 250;
const FIRST_PAUSE_MS = 50;
const LONGEST_PAUSE_MS = 5_000;
const STABLE_MS = 10_000;

/**
 * A real Postgres on the data folder, for as long as we live. Where another process already runs one there, we are its client,
 * and take over when it goes. The address stays the same throughout.
 */
export class EmbeddedPostgres {
  private server: ServerProcess | undefined;
  private postmaster!: Postmaster;
  private supervision = Promise.resolve();
  private readonly stopping = new AbortController();

  private constructor(
    private readonly installation: Installation,
    private readonly log: Log,
  ) {}

  /** Creates the database at the first start; resolves when it takes connections. */
  static async start({ dataDir, log, durable = true }: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
    const home = await findHome(dataDir);
    const nativeDir = await prepareNativeFiles(home);
    const cluster = await openCluster(home, { nativeDir, durable });
    const postgres = new EmbeddedPostgres({ nativeDir, account: home.account, home: home.dir, cluster, durable }, log);
    await postgres.bringUp();
    postgres.supervision = postgres.supervise();
    return postgres;
  }

  get url(): string {
    return `postgresql://${SUPERUSER}:${this.installation.cluster.password}@127.0.0.1:${this.postmaster.port}/postgres`;
  }

  /** The folder that holds everything of this database. */
  get home(): string {
    return this.installation.home;
  }

  /** Of the server; another one after it was lost and brought back. */
  get pid(): number {
    return this.postmaster.pid;
  }

  /** The server is our own child, not another process's. */
  get isOurs(): boolean {
    return this.server?.isRunning ?? false;
  }

  /** Stops the server if it is ours. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.supervision;
    if (!this.server?.isRunning) return;
    const running = await findPostmaster(this.installation.cluster.dir);
    if (running) askToStop(running.pid);
    await this.server.stop();
  }

  /** Finds the running server or starts one. If two processes start one at once, Postgres's own lock decides. */
  private async bringUp(port?: number): Promise<void> {
    const { cluster, home } = this.installation;
    let lastWords = '';
    for (let attempt = 0; attempt < 3 && !this.stopping.signal.aborted; attempt++) {
      const running = await findReadyPostmaster(cluster.dir, this.stopping.signal);
      if (running) return this.attach(running, port);
      lastWords = await this.launch(port ?? (await choosePort(cluster.portFile)));
      if (lastWords === '') return;
    }
    if (lastWords) throw new DatabaseSetupError(`The embedded PostgreSQL in ${home} does not start: ${lastWords}`);
  }

  private attach(running: Postmaster, port = running.port): void {
    this.postmaster = running;
    this.log.info({ event: 'embedded_postgres_shared', path: this.home, pid: running.pid });
    if (running.port !== port) {
      this.log.error({
        event: 'embedded_postgres_moved',
        reason: `it listens on port ${running.port} now, not ${port}: restart this process`,
      });
    }
  }

  /** Answers with what the server said if it ended instead of getting ready, else with nothing. */
  private async launch(port: number): Promise<string> {
    const startedAt = performance.now();
    const { cluster, durable } = this.installation;
    const args = toServerArgs(cluster.dir, port, durable);
    const server = new ServerProcess({
      ...this.installation,
      pgdata: cluster.dir,
      args,
      onLine: (line) => this.log.debug({ event: 'postgres', line }),
    });
    this.server = server;
    while (server.isRunning && !this.stopping.signal.aborted) {
      const found = await findPostmaster(cluster.dir);
      if (found?.isReady && found.port === port) {
        this.postmaster = found;
        const tookMs = Math.round(performance.now() - startedAt);
        this.log.info({ event: 'embedded_postgres_started', path: this.home, pid: found.pid, port, took_ms: tookMs });
        return '';
      }
      await sleep(POLL_MS);
    }
    return server.isRunning ? '' : server.ended;
  }

  /** Brings the server back whenever it is lost, ever more slowly if it does not last. */
  private async supervise(): Promise<void> {
    let pauseMs = FIRST_PAUSE_MS;
    while (!this.stopping.signal.aborted) {
      const upAt = performance.now();
      await this.untilLost();
      if (performance.now() - upAt > STABLE_MS) pauseMs = FIRST_PAUSE_MS;
      let isUp = false;
      while (!isUp && !this.stopping.signal.aborted) {
        await this.pause(pauseMs);
        isUp = await this.revive();
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      }
    }
  }

  private async revive(): Promise<boolean> {
    try {
      await this.bringUp(this.postmaster.port);
      return true;
    } catch (error) {
      this.log.error({ event: 'embedded_postgres_not_back', reason: reasonOf(error) });
      return false;
    }
  }

  private async untilLost(): Promise<void> {
    while (isAlive(this.postmaster.pid) && !this.stopping.signal.aborted) await this.pause(WATCH_MS);
    if (!this.stopping.signal.aborted) this.log.warn({ event: 'embedded_postgres_lost', pid: this.postmaster.pid });
  }

  private async pause(ms: number): Promise<void> {
    await sleep(ms, undefined, { ref: false, signal: this.stopping.signal }).catch(() => undefined);
  }
}
