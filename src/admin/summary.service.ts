import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type Clock } from '../core/clock.js';
import { GatewayError } from '../core/errors.js';
import type { SummaryDto } from './summary.dto.js';
import { toRefusals, toTop, toTotals, toUnpriced, topModels } from './summary-mapping.js';
import { SummaryNow } from './summary-now.js';
import { type SummaryCell, SummaryStore } from './summary.store.js';
import type { SummaryWindow } from './summary-window.js';

const DAY_MS = 86_400_000;
/** A day's cells of keys and of users are as many as there were of them that day: more days than these take too long to read. */
const MOST_KEY_DAYS = 31;
const MOST_USER_DAYS = 7;
/** In all the days whose users are read, unless it is today alone: there are no more cells than calls. */
const MOST_USER_CALLS = 75_000;

/** What is going on, and what was. */
@Injectable()
export class SummaryService {
  constructor(
    private readonly store: SummaryStore,
    @Inject(SummaryNow) private readonly present: Pick<SummaryNow, 'read'>,
    @Inject(CLOCK) private readonly clock: Pick<Clock, 'now'>,
  ) {}

  /** Throws `service_unavailable` where the database cannot be read. */
  async read(window: SummaryWindow): Promise<SummaryDto> {
    try {
      return await this.readAll(window);
    } catch (cause) {
      if (cause instanceof GatewayError) throw cause;
      throw new GatewayError('service_unavailable', 'The database cannot be read right now. Try again in a moment.', {
        retryAfterMs: 1_000,
        cause,
      });
    }
  }

  private async readAll({ hours, since, until }: SummaryWindow): Promise<SummaryDto> {
    const keysFrom = this.firstDay(since, MOST_KEY_DAYS);
    const [present, cells, keys, users, refused] = await Promise.all([
      this.present.read(),
      this.store.cells(since),
      this.store.topKeys(keysFrom),
      this.topUsers(since),
      this.store.refused(since),
    ]);
    return {
      ...present,
      window_hours: hours,
      from: new Date(since).toISOString(),
      to: new Date(until).toISOString(),
      ...toTotals(cells),
      top_models: topModels(cells.named),
      top_keys: keys.map(toTop),
      top_keys_from: keysFrom.toISOString(),
      top_users: users.top.map(toTop),
      top_users_from: users.from.toISOString(),
      ...toRefusals(refused),
      unpriced_models: toUnpriced(cells.named),
    };
  }

  private async topUsers(since: number): Promise<{ readonly from: Date; readonly top: readonly SummaryCell[] }> {
    const from = await this.firstUserDay(this.firstDay(since, MOST_USER_DAYS));
    return { from, top: await this.store.topUsers(from) };
  }

  private async firstUserDay(first: Date): Promise<Date> {
    let from = this.firstDay(this.clock.now(), 1);
    let calls = 0;
    for (const { at, requests } of await this.store.days(first)) {
      calls += Number(requests);
      if (calls > MOST_USER_CALLS) return from;
      if (at < from) from = at;
    }
    return first;
  }

  /** The day of UTC in which `since` lies, or the first of the last so many. */
  private firstDay(since: number, most: number): Date {
    const now = this.clock.now();
    return new Date(Math.max(since - (since % DAY_MS), now - (now % DAY_MS) - (most - 1) * DAY_MS));
  }
}
