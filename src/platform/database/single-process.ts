import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLOCK, type Clock } from '../../core/clock.js';
import { makeId } from '../../core/ids.js';
import { CONFIG, type Config } from '../config/config.js';
import { LOG, type Log } from '../log/log.js';
import { Readiness } from '../readiness.js';
import { reasonOf } from '../reason.js';
import { Database } from './database.js';
import { SingleProcessLock } from './single-process-lock.js';

const PAUSE_MS = 500;
/** A free lock is had within milliseconds; boot waits no longer for one that is not. */
const PATIENCE_MS = 1_000;
const FAREWELL_MS = 1_000;

/** `lost`: we had it, and have not yet been able to ask who has it now. */
type State = 'unneeded' | 'unknown' | 'held' | 'taken' | 'lost';

const PROBLEMS: Readonly<Record<State, string | undefined>> = {
  unneeded: undefined,
  held: undefined,
  unknown: 'It is not known yet whether another gateway without Redis uses this database.',
  taken: 'Another gateway without Redis uses this database; set REDIS_URL to run several.',
  lost: 'The connection to the database that keeps other gateways away was lost; it is being made again.',
};

/**
 * Without Redis a gateway counts in its own memory, so a database may have only one: it holds a lock in Postgres, and another waits,
 * not ready, until the first is gone. With Redis there is nothing to hold.
 */
@Injectable()
export class SingleProcess implements OnModuleInit, OnApplicationShutdown {
  private readonly id: string;
  private state: State;
  private readonly listeners: (() => void)[] = [];
  private readonly stopped = new AbortController();
  private running: Promise<void> | undefined;
  private isProblemLogged = false;
  private noteFirst: () => void = () => undefined;

  constructor(
    private readonly database: Database,
    @Inject(CONFIG) config: Pick<Config, 'redis'>,
    readiness: Readiness,
    @Inject(CLOCK) clock: Pick<Clock, 'now'>,
    @Inject(LOG) private readonly log: Log,
  ) {
    this.id = makeId(clock.now());
    this.state = config.redis.url === undefined ? 'unknown' : 'unneeded';
    if (this.state !== 'unneeded') readiness.require('single_process', () => this.problem);
  }

  /**
   * Model calls may be served. While the database is away they still are, by the process that held the lock last: until it finds
   * that another one has it.
   */
  get isHeld(): boolean {
    return this.state !== 'unknown' && this.state !== 'taken';
  }

  /** Why this process is not ready, in a sentence for people; undefined where the lock is held, or not needed. */
  get problem(): string | undefined {
    return PROBLEMS[this.state];
  }

  /**
   * Calls each time that the lock has been taken, also after its connection was lost: another process may have spent meanwhile, so
   * what was counted in memory has to be read anew. Never calls where there is Redis.
   */
  onTaken(listener: () => void): void {
    this.listeners.push(listener);
  }

  /** Waits for the first answer, but not for the lock, and not for a database that is away. */
  async onModuleInit(): Promise<void> {
    if (this.state === 'unneeded') return;
    const first = new Promise<void>((resolve) => (this.noteFirst = resolve));
    this.running = this.run();
    if (this.database.isReachable) await Promise.race([first, sleep(PATIENCE_MS, undefined, { ref: false })]);
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped.abort();
    // A server that hangs does not keep us from leaving.
    await Promise.race([this.running, sleep(FAREWELL_MS, undefined, { ref: false })]);
  }

  private async run(): Promise<void> {
    const stop = this.stopped.signal;
    await Promise.race([this.database.whenReachable, once(stop, 'abort')]);
    while (!stop.aborted) {
      await this.hold(stop).catch((error: unknown) => this.noteLoss(error));
      await sleep(PAUSE_MS, undefined, { ref: false, signal: stop }).catch(() => undefined);
    }
  }

  /** Takes the lock as soon as it is free and holds it for as long as the connection lasts, then rejects with what ended that. */
  private async hold(stop: AbortSignal): Promise<never> {
    const lock = await SingleProcessLock.open(this.database.directUrl, this.id);
    try {
      if (await lock.endOlder()) await lock.pause(stop);
      while (!(await lock.tryTake())) {
        this.noteTaken();
        await lock.pause(stop);
      }
      this.noteHeld();
      for (;;) {
        await lock.pause(stop);
        await lock.check();
      }
    } finally {
      if (this.state === 'held') this.state = 'lost';
      await lock.close();
    }
  }

  private noteHeld(): void {
    this.state = 'held';
    this.noteFirst();
    if (this.isProblemLogged)
      this.log.info({ event: 'single_process_held' }, 'No other gateway without Redis uses this database any more.');
    this.isProblemLogged = false;
    for (const listener of this.listeners) listener();
  }

  private noteTaken(): void {
    const isNews = this.state !== 'taken';
    this.state = 'taken';
    this.noteFirst();
    if (isNews) this.warn('single_process_waiting', undefined);
  }

  private noteLoss(error: unknown): void {
    this.noteFirst();
    if (this.stopped.signal.aborted || this.isProblemLogged) return;
    this.warn('single_process_unsure', reasonOf(error));
  }

  private warn(event: string, reason: string | undefined): void {
    this.isProblemLogged = true;
    this.log.warn({ event, ...(reason === undefined ? {} : { reason }) }, this.problem);
  }
}
