import { Module } from '@nestjs/common';
import { Database, LOG, type Log, Notifications } from '../../platform/index.js';
import { BudgetsStore } from './budgets.store.js';
import { LiveBudgets } from './live-budgets.js';
import { SpendStore } from './spend.store.js';
import { SpendSweep } from './spend-sweep.js';

/** The budgets that are stored, in memory and in Postgres. How they stand is counted elsewhere. */
@Module({
  providers: [
    BudgetsStore,
    SpendStore,
    SpendSweep,
    { provide: LiveBudgets, useFactory: openBudgets, inject: [BudgetsStore, Notifications, Database, LOG] },
  ],
  exports: [BudgetsStore, LiveBudgets, SpendStore],
})
export class BudgetsModule {}

function openBudgets(store: BudgetsStore, notifications: Notifications, database: Database, log: Log): LiveBudgets {
  return new LiveBudgets(store, notifications, database, log);
}
