import { Module } from '@nestjs/common';
import path from 'node:path';
import { CLOCK, type Clock } from '../core/clock.js';
import { CONFIG, type Config, Database, LiveConfig, LOG, type Log, Notifications } from '../platform/index.js';
import { BodiesStore } from './bodies/bodies.store.js';
import { Bodies } from './bodies/bodies.js';
import { KeptBodies } from './bodies/kept-bodies.js';
import { Housekeeping } from './housekeeping/housekeeping.js';
import { Ledger, LEDGER_LIMITS } from './ledger/ledger.js';
import { LedgerStore } from './ledger/ledger.store.js';
import { SEGMENT_BYTES, Spool } from './ledger/spool/spool.js';
import { loadPriceBook } from './load-price-book.js';
import { PriceBook } from './price-book.js';
import { ChargedPrices } from './prices/charged-prices.js';
import { ChargedPricesStore } from './prices/charged-prices.store.js';
import { LivePriceOverrides } from './prices/overrides/live-price-overrides.js';
import { PriceOverridesService } from './prices/overrides/price-overrides.service.js';
import { PriceOverridesStore } from './prices/overrides/price-overrides.store.js';
import { UnpricedStore } from './prices/overrides/unpriced.store.js';
import { openPriceSync } from './prices/sync/index.js';
import { ScheduledPriceSync } from './prices/sync/scheduled-price-sync.js';
import { Requests, RequestsController, RequestsStore } from './requests/index.js';
import { UsageReports } from './reports/index.js';
import { UsageController } from './reports/usage.controller.js';
import { UsageStore } from './reports/usage.store.js';

/** What calls cost, and the record of every one of them. */
@Module({
  controllers: [UsageController, RequestsController],
  providers: [
    { provide: PriceBook, useFactory: loadPriceBook, inject: [LiveConfig, LOG, CLOCK, LivePriceOverrides] },
    { provide: LivePriceOverrides, useFactory: openOverrides, inject: [PriceOverridesStore, Notifications, Database, LOG] },
    PriceOverridesStore,
    PriceOverridesService,
    UnpricedStore,
    { provide: ScheduledPriceSync, useFactory: openSchedule, inject: [CONFIG, PriceOverridesStore, CLOCK, Database, LOG] },
    { provide: Ledger, useFactory: openLedger, inject: [LedgerStore, CLOCK, LOG, CONFIG] },
    LedgerStore,
    { provide: ChargedPrices, useFactory: openChargedPrices, inject: [ChargedPricesStore, CLOCK, LOG] },
    ChargedPricesStore,
    UsageStore,
    UsageReports,
    Requests,
    RequestsStore,
    { provide: Bodies, useFactory: openBodies, inject: [BodiesStore, CONFIG, CLOCK, LOG] },
    BodiesStore,
    KeptBodies,
    Housekeeping,
  ],
  exports: [PriceBook, ChargedPrices, PriceOverridesService, Ledger, Requests, Bodies, UsageReports],
})
export class UsageModule {}

function openChargedPrices(store: ChargedPricesStore, clock: Clock, log: Log): ChargedPrices {
  return new ChargedPrices(store, clock, log);
}

function openLedger(store: LedgerStore, clock: Clock, log: Log, { database }: Pick<Config, 'database'>): Ledger {
  const dir = path.join(database.dataDir, 'spool');
  const spool = new Spool({ dir, maxBytes: database.spoolMaxBytes, segmentBytes: SEGMENT_BYTES }, clock, log);
  return new Ledger(store, clock, log, LEDGER_LIMITS, spool);
}

function openBodies(store: BodiesStore, config: Pick<Config, 'privacy' | 'keys'>, clock: Clock, log: Log): Bodies {
  return new Bodies(store, config, clock, log);
}

function openOverrides(store: PriceOverridesStore, notifications: Notifications, database: Database, log: Log): LivePriceOverrides {
  return new LivePriceOverrides(store, notifications, database, log);
}

function openSchedule(config: Config, store: PriceOverridesStore, clock: Clock, database: Database, log: Log): ScheduledPriceSync {
  return new ScheduledPriceSync({ sync: openPriceSync(config, store, clock), database, config, log });
}
