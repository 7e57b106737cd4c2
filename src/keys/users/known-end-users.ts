import { Inject, Injectable, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import type { EndUsers } from '../../core/caller.js';
import { Database, LiveRows, LOG, type Log, Notifications } from '../../platform/index.js';
import { type KnownEndUser, toKnownEndUser } from './end-user.js';
import { END_USERS_NAME, EndUsersStore } from './end-users.store.js';

/** The end users about whom something was decided, in memory, by tenant and by what calls name them. */
@Injectable()
export class KnownEndUsers implements EndUsers, OnModuleInit, OnApplicationShutdown {
  private readonly rows: LiveRows<KnownEndUser>;
  private readonly byTenant = new Map<string, Map<string, KnownEndUser>>();
  /** What `byTenant` has, by id. */
  private readonly placed = new Map<string, KnownEndUser>();

  constructor(store: EndUsersStore, notifications: Notifications, database: Database, @Inject(LOG) log: Log) {
    const load = async (ids?: readonly string[]): Promise<readonly KnownEndUser[]> => (await store.load(ids)).map(toKnownEndUser);
    this.rows = new LiveRows({ name: END_USERS_NAME, load }, notifications, database, log);
    this.rows.onChange((id, user) => this.place(id, user));
  }

  find(tenant: string, userId: string): KnownEndUser | undefined {
    return this.byTenant.get(tenant)?.get(userId);
  }

  /** What was committed is known here when it resolves, unless the database is away. */
  refresh(id: string): Promise<void> {
    return this.rows.refresh(id);
  }

  onModuleInit(): Promise<void> {
    return this.rows.start();
  }

  onApplicationShutdown(): void {
    this.rows.stop();
  }

  private place(id: string, user: KnownEndUser | undefined): void {
    const last = this.placed.get(id);
    this.placed.delete(id);
    if (last) this.take(last);
    if (!user) return;
    this.placed.set(id, user);
    const users = this.byTenant.get(user.tenant) ?? new Map<string, KnownEndUser>();
    this.byTenant.set(user.tenant, users.set(user.userId, user));
  }

  /** Unless another has been recorded in its place, under another id. */
  private take(user: KnownEndUser): void {
    const users = this.byTenant.get(user.tenant);
    if (users?.get(user.userId) !== user) return;
    users.delete(user.userId);
    if (users.size === 0) this.byTenant.delete(user.tenant);
  }
}
