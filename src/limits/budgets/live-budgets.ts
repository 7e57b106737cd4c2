import type { OnApplicationShutdown, OnModuleInit } from '@nestjs/common';
import type { Caller } from '../../core/caller.js';
import { type Database, LiveRows, type Log, type Notifications } from '../../platform/index.js';
import type { Budget } from './budget.js';
import { BUDGETS, type BudgetsStore } from './budgets.store.js';

/** Those that bind calls: what `Bounds` must know of budgets. */
export interface BudgetsInForce {
  /** They have been read. */
  readonly isKnown: boolean;
  /** Another number after each change of any of them. */
  readonly revision: number;
  /** All that bind the calls of this caller for this end user. */
  of(caller: Caller, userId: string | undefined): readonly Budget[];
}

const NONE: readonly Budget[] = [];

/** All budgets, in memory; changes are in effect within a second. */
export class LiveBudgets implements BudgetsInForce, OnModuleInit, OnApplicationShutdown {
  private readonly rows: LiveRows<Budget>;
  private readonly bySubject = new Map<string, readonly Budget[]>();
  private indexed = 0;
  private isRead = false;

  constructor(
    store: Pick<BudgetsStore, 'load'>,
    notifications: Pick<Notifications, 'subscribe' | 'isListening'>,
    database: Pick<Database, 'pool' | 'whenReachable' | 'isReachable'>,
    log: Log,
  ) {
    const load = async (ids?: readonly string[]): Promise<readonly Budget[]> => {
      const budgets = await store.load(ids);
      // Where there are some, they are known when they are in effect.
      if (ids === undefined && budgets.length === 0) this.isRead = true;
      return budgets;
    };
    this.rows = new LiveRows({ name: BUDGETS, load }, notifications, database, log);
    this.rows.onChange(() => (this.isRead = true));
  }

  get isKnown(): boolean {
    return this.isRead;
  }

  get size(): number {
    return this.rows.size;
  }

  get revision(): number {
    return this.rows.revision;
  }

  get(id: string): Budget | undefined {
    return this.rows.get(id);
  }

  /** Calls after each change of any of them. */
  onChange(listener: () => void): void {
    this.rows.onChange(listener);
  }

  /** Those that bind everybody. */
  get onEverything(): readonly Budget[] {
    return this.on('everything', undefined, undefined);
  }

  /** End users and tags are bound only where they are fixed: whoever may name them freely could as well name others. */
  of({ keyId, team, tenant, user, requiresUser, tags }: Caller, userId: string | undefined): readonly Budget[] {
    const fixedUser = user ?? (requiresUser ? userId : undefined);
    return [
      ...this.on('key', undefined, keyId),
      ...(team ? this.on('team', undefined, team.id) : NONE),
      ...(fixedUser === undefined ? NONE : this.on('user', tenant, fixedUser)),
      ...Object.entries(tags ?? {}).flatMap(([name, value]) => this.on('tag', tenant, `${name}=${value}`)),
      ...this.onEverything,
    ];
  }

  /** What was committed before is in effect here when it resolves. */
  refresh(id: string): Promise<void> {
    return this.rows.refresh(id);
  }

  onModuleInit(): Promise<void> {
    return this.rows.start();
  }

  onApplicationShutdown(): void {
    this.rows.stop();
  }

  private on(...subject: Parameters<typeof indexKey>): readonly Budget[] {
    if (this.indexed !== this.rows.revision) this.index();
    return this.bySubject.get(indexKey(...subject)) ?? NONE;
  }

  private index(): void {
    this.indexed = this.rows.revision;
    this.bySubject.clear();
    for (const budget of this.rows.values()) {
      if (budget.isDisabled) continue;
      const key = indexKey(budget.scope, budget.tenant, budget.subject);
      this.bySubject.set(key, [...(this.bySubject.get(key) ?? NONE), budget]);
    }
  }
}

function indexKey(scope: Budget['scope'], tenant: string | undefined, subject: string | undefined): string {
  return JSON.stringify([scope, tenant ?? null, subject ?? null]);
}
