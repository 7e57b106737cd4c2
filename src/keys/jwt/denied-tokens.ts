import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { CLOCK, type Clock } from '../../core/clock.js';
import { Database, LiveRows, LOG, type Log, Notifications } from '../../platform/index.js';
import { type DeniedToken, endOfDenial } from './denied-token.js';
import { DENIED_TOKENS, DeniedTokensStore } from './denied-tokens.store.js';
import { uncheckedToken } from './token-errors.js';

const PRUNE_MS = 3_600_000;

/**
 * What administrators have denied, all of it in memory: every use of a token is held against it. A change made elsewhere is in
 * effect within a second. While the database is away it stays as it was last read.
 */
@Injectable()
export class DeniedTokens implements OnModuleInit, OnApplicationShutdown {
  private readonly rows: LiveRows<DeniedToken>;
  private isRead = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly store: DeniedTokensStore,
    notifications: Notifications,
    private readonly database: Database,
    @Inject(CLOCK) private readonly clock: Pick<Clock, 'now'>,
    @Inject(LOG) private readonly log: Log,
  ) {
    this.rows = new LiveRows({ name: DENIED_TOKENS, load: (ids) => this.load(ids) }, notifications, database, log);
  }

  /** Is one of these denied now? Throws `service_unavailable` for as long as it was never read what is. */
  includesAny(ids: readonly string[]): boolean {
    if (!this.isRead) throw uncheckedToken('the database does not answer');
    return ids.some((id) => {
      const denied = this.rows.get(id);
      return denied !== undefined && endOfDenial(denied) > this.clock.now();
    });
  }

  /** What was committed before is in effect here when it resolves, unless the database is away. */
  refresh(id: string): Promise<void> {
    return this.rows.refresh(id);
  }

  async onModuleInit(): Promise<void> {
    await this.rows.start();
    void this.database.whenReachable.then(() => this.prune());
    this.timer = setInterval(() => void this.prune(), PRUNE_MS).unref();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
    this.rows.stop();
  }

  private async load(ids: readonly string[] | undefined): Promise<readonly DeniedToken[]> {
    const rows = await this.store.load(ids);
    this.isRead = true;
    return rows;
  }

  /** Denials that have ended would otherwise be read for ever. */
  private async prune(): Promise<void> {
    try {
      await this.store.prune(this.clock.now());
    } catch (error) {
      this.log.warn({ event: 'denials_not_pruned', err: error }, 'Denials of tokens that have ended stay for another hour.');
    }
  }
}
