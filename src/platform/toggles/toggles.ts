import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { GatewayError } from '../../core/errors.js';
import type { Actor } from '../audit/audit-entry.js';
import { Database } from '../database/database.js';
import { Notifications } from '../database/notifications.js';
import { ReadingLoop } from '../live-rows/reading-loop.js';
import { LOG, type Log } from '../log/log.js';
import { reasonOf } from '../reason.js';
import { TOGGLES_CHANNEL, TogglesStore } from './toggles.store.js';

const RETRY_MS = 1_000;

/** `value` is undefined where the toggle is no longer set. */
export type ToggleListener = (name: string, value: string | undefined) => void;

/**
 * What administrators switch while the gateway runs: `provider:openai:enabled` = `false`. Names and values mean something to
 * the rooms that read them; whoever finds none, or one it does not know, does as configured. All are in memory, read at start
 * and again whenever a change is heard of, after each gap and every 30 s. While the database is away they stay as they were.
 */
@Injectable()
export class Toggles implements OnModuleInit, OnApplicationShutdown {
  private values: ReadonlyMap<string, string> = new Map();
  private changes = 0;
  private readonly listeners: ToggleListener[] = [];
  private readonly reading = new ReadingLoop(
    () => this.read(),
    (error) => this.noteFailure(error),
  );

  constructor(
    private readonly store: TogglesStore,
    private readonly notifications: Notifications,
    private readonly database: Database,
    @Inject(LOG) private readonly log: Log,
  ) {}

  /** Another number after each change of any toggle: what was worked out from toggles holds for as long as it stays. */
  get revision(): number {
    return this.changes;
  }

  /** Costs a look-up in memory. undefined = not set, or not read yet. */
  get(name: string): string | undefined {
    return this.values.get(name);
  }

  /**
   * Switches for every process, and records who did; undefined takes the toggle away. In effect here when it resolves, and in
   * other processes within a second. Rejects with `service_unavailable` while the database cannot be written.
   */
  async set(name: string, value: string | undefined, changedBy: Actor): Promise<void> {
    try {
      await this.store.write(name, value, changedBy);
    } catch (cause) {
      const message = 'The database did not confirm the change. Try again in a moment: repeating it does no harm.';
      throw new GatewayError('service_unavailable', message, { retryAfterMs: RETRY_MS, cause });
    }
    await this.reading.request();
  }

  /** Called for each toggle that is set, now or when it has been read, and from then on for each that is found changed, wherever it was. */
  onChange(listener: ToggleListener): void {
    this.listeners.push(listener);
    for (const name of this.values.keys()) this.tell(listener, name);
  }

  /** Does not wait for a database that is away. */
  async onModuleInit(): Promise<void> {
    const refresh = (): void => void this.reading.request();
    this.notifications.subscribe(TOGGLES_CHANNEL, refresh, refresh);
    await this.reading.start(this.database);
  }

  onApplicationShutdown(): void {
    this.reading.stop();
  }

  private async read(): Promise<void> {
    this.replace(await this.store.load());
  }

  private noteFailure(error: unknown): void {
    this.log.warn({ event: 'toggles_unread', reason: reasonOf(error) }, 'Toggles stay as they were last read.');
  }

  private replace(values: ReadonlyMap<string, string>): void {
    const names = new Set([...this.values.keys(), ...values.keys()]);
    const changed = [...names].filter((name) => this.values.get(name) !== values.get(name));
    if (changed.length === 0) return;
    this.values = values;
    this.changes += 1;
    for (const name of changed) for (const listener of this.listeners) this.tell(listener, name);
  }

  private tell(listener: ToggleListener, name: string): void {
    try {
      listener(name, this.values.get(name));
    } catch (error) {
      this.log.error({ event: 'toggle_not_applied', toggle: name, err: error });
    }
  }
}
