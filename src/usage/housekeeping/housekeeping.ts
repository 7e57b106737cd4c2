import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { CLOCK, type Clock } from '../../core/clock.js';
import { CONFIG, type Config, Database, LOG, type Log, reasonOf } from '../../platform/index.js';
import { ErrandConnection } from './errand-connection.js';
import { Round, type RoundOutcome } from './round.js';

const DAY_MS = 86_400_000;
/** After a round that is unfinished; doubles with each further one. */
const RETRY_MS = 60_000;
const MAX_RETRY_MS = 3_600_000;

/**
 * Keeps the tables in order that grow with time, when a gateway has started and once a day, behind everything else. Of several
 * gateways one does it, and the others leave it to that one.
 */
@Injectable()
export class Housekeeping implements OnModuleInit, OnApplicationShutdown {
  private readonly stopped = new AbortController();
  private running: Promise<RoundOutcome> | undefined;
  private connection: ErrandConnection | undefined;
  private timer: NodeJS.Timeout | undefined;
  private failures = 0;

  constructor(
    @Inject(Database) private readonly database: Pick<Database, 'directUrl' | 'whenReachable'>,
    @Inject(CONFIG) private readonly config: Pick<Config, 'retention' | 'privacy'>,
    @Inject(CLOCK) private readonly clock: Pick<Clock, 'now'>,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** Nobody waits for it: a row whose month or day is not made yet has a place. */
  onModuleInit(): void {
    void this.database.whenReachable.then(() => this.runAndSchedule());
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped.abort();
    clearTimeout(this.timer);
    await this.connection?.close();
    await this.running;
  }

  /** One round at a time, also of many that ask. Never rejects. */
  run(): Promise<RoundOutcome> {
    this.running ??= this.runOnce().finally(() => (this.running = undefined));
    return this.running;
  }

  private async runAndSchedule(): Promise<void> {
    if (this.stopped.signal.aborted) return;
    const outcome = await this.run();
    if (this.stopped.signal.aborted) return;
    this.failures = outcome === 'unfinished' ? this.failures + 1 : 0;
    const pauseMs = this.failures === 0 ? DAY_MS : Math.min(MAX_RETRY_MS, RETRY_MS * 2 ** (this.failures - 1));
    this.timer = setTimeout(() => void this.runAndSchedule(), pauseMs).unref();
  }

  private async runOnce(): Promise<RoundOutcome> {
    const { log, config, stopped } = this;
    try {
      this.connection = await ErrandConnection.open(this.database.directUrl);
      const storesBodies = config.privacy.storeBodies !== 'off';
      const parts = { connection: this.connection, retention: config.retention, storesBodies, log, signal: stopped.signal };
      return await new Round(parts).run(this.clock.now());
    } catch (error) {
      log.warn({ event: 'housekeeping_delayed', reason: reasonOf(error) }, 'Partitions are made, and what is old is deleted, later.');
      return 'unfinished';
    } finally {
      await this.connection?.close();
      this.connection = undefined;
    }
  }
}
