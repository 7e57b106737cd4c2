import type { OnApplicationShutdown } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import type pg from 'pg';
import type { Clock } from '../../core/clock.js';
import type { Log } from '../log/log.js';
import { type StoreHealth, StoreWatch } from '../store-health.js';
import { openPool, PROBE_LIMITS, QUERY_LIMITS } from './connection-pool.js';
import { EmbeddedPostgres } from './embedded-postgres.js';
import { prepareSchema } from './schema-preparation.js';

/** Without a `databaseUrl` a Postgres of our own runs on `dataDir`. */
export interface DatabaseOptions {
  readonly databaseUrl?: string | undefined;
  /** Past a transaction pooler: for migrations, locks and LISTEN. */
  readonly databaseDirectUrl?: string | undefined;
  readonly dataDir: string;
}

const PATIENCE_MS = 3_000;
const PATIENCE_EMBEDDED_MS = 60_000;
const FAREWELL_MS = 2_000;

/** The Postgres behind the gateway: it runs here or elsewhere, its schema is brought up to date, and it is watched. */
export class Database implements OnApplicationShutdown {
  /** Shared by everything that queries; gives up on a server that hangs (`connection-pool.ts`). */
  readonly pool: pg.Pool;
  /** Resolves once it has been reached and migrated; never rejects. */
  readonly whenReachable: Promise<void>;
  private readonly probes: pg.Pool;
  private readonly watch: StoreWatch;
  private readonly stopped = new AbortController();
  private announce!: () => void;
  private reached = false;
  private closing: Promise<void> | undefined;

  private constructor(
    readonly url: string,
    readonly directUrl: string,
    private readonly server: EmbeddedPostgres | undefined,
    private readonly log: Log,
    clock: Clock,
  ) {
    this.pool = openPool(url, QUERY_LIMITS);
    this.probes = openPool(url, PROBE_LIMITS);
    this.watch = new StoreWatch('postgres', () => this.probes.query('SELECT 1'), clock, log);
    this.whenReachable = new Promise((resolve) => (this.announce = resolve));
  }

  /**
   * Resolves when the database is up and migrated. A database elsewhere may be away: then it resolves after 3 s and goes on
   * trying in the background (`isReachable`). What waiting cannot cure (a refused log-in, a failed migration) is thrown.
   */
  static async open(options: DatabaseOptions, log: Log, clock: Clock): Promise<Database> {
    const server = options.databaseUrl === undefined ? await EmbeddedPostgres.start({ dataDir: options.dataDir, log }) : undefined;
    const url = server?.url ?? options.databaseUrl!;
    const database = new Database(url, options.databaseDirectUrl ?? url, server, log, clock);
    try {
      await database.begin();
    } catch (error) {
      await database.close();
      throw error;
    }
    return database;
  }

  /** Runs as a child of this gateway, or of another one on the same data folder. */
  get embedded(): boolean {
    return this.server !== undefined;
  }

  /** It has been reached and migrated at least once; whether it answers now is for `health` to say. */
  get isReachable(): boolean {
    return this.reached;
  }

  /** The latest background check; costs nothing to ask. */
  health(): StoreHealth {
    return this.watch.latest;
  }

  /** Lets go of all connections and stops an embedded server that this process started. */
  close(): Promise<void> {
    this.closing ??= this.end();
    return this.closing;
  }

  async onApplicationShutdown(): Promise<void> {
    await this.close();
  }

  private async begin(): Promise<void> {
    const patienceMs = this.server ? PATIENCE_EMBEDDED_MS : PATIENCE_MS;
    const prepared = prepareSchema({ url: this.directUrl, patienceMs, log: this.log, signal: this.stopped.signal }).then(() => {
      this.reached = true;
      this.announce();
    });
    // Once our patience has run out nobody awaits it any more.
    prepared.catch(() => undefined);
    await Promise.race([prepared, sleep(patienceMs, undefined, { signal: this.stopped.signal, ref: false })]);
    await this.watch.start();
  }

  private async end(): Promise<void> {
    this.stopped.abort();
    this.watch.stop();
    const left = Promise.all([this.pool.end(), this.probes.end()]);
    // A hung server keeps its connections busy; it does not keep us from leaving.
    await Promise.race([left, sleep(FAREWELL_MS, undefined, { ref: false })]);
    await this.server?.stop();
  }
}
