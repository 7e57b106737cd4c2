import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import { type Database, LiveRows, type Log, type Notifications } from '../../../platform/index.js';
import type { KnownOverrides } from './overrides-in-force.js';
import type { PriceOverride } from './price-override.js';
import { PRICE_OVERRIDES, type PriceOverridesStore } from './price-overrides.store.js';

const NONE: readonly PriceOverride[] = [];

/** All overrides that calls may be charged by, in memory; changes are in effect within a second. */
export class LivePriceOverrides implements KnownOverrides, OnModuleInit, OnApplicationShutdown {
  private readonly rows: LiveRows<PriceOverride>;
  private readonly byModel = new Map<string, readonly PriceOverride[]>();
  private indexed = 0;

  constructor(
    store: Pick<PriceOverridesStore, 'load'>,
    notifications: Pick<Notifications, 'subscribe' | 'isListening'>,
    database: Pick<Database, 'pool' | 'whenReachable' | 'isReachable'>,
    log: Log,
  ) {
    this.rows = new LiveRows({ name: PRICE_OVERRIDES, load: (ids) => store.load(ids) }, notifications, database, log);
  }

  get revision(): number {
    return this.rows.revision;
  }

  of(provider: string, model: string): readonly PriceOverride[] {
    if (this.indexed !== this.rows.revision) this.index();
    const named = this.byModel.get(model);
    return named?.filter((override) => override.provider === undefined || override.provider === provider) ?? NONE;
  }

  /** Those that have not been taken back. */
  standing(): readonly PriceOverride[] {
    return [...this.rows.values()].filter(({ removedAt }) => removedAt === undefined);
  }

  /** What was committed before is in effect here when it resolves. */
  async refresh(ids: readonly string[]): Promise<void> {
    await Promise.all(ids.map((id) => this.rows.refresh(id)));
  }

  onModuleInit(): Promise<void> {
    return this.rows.start();
  }

  onApplicationShutdown(): void {
    this.rows.stop();
  }

  private index(): void {
    this.indexed = this.rows.revision;
    this.byModel.clear();
    for (const override of this.rows.values()) {
      this.byModel.set(override.model, [...(this.byModel.get(override.model) ?? NONE), override]);
    }
  }
}
