import { Module } from '@nestjs/common';
import { CLOCK, type Clock } from '../core/clock.js';
import { LiveConfig, LOG, type Log } from '../platform/index.js';
import { Ledger } from './ledger/ledger.js';
import { LedgerStore } from './ledger/ledger.store.js';
import { loadPriceBook } from './load-price-book.js';
import { PriceBook } from './price-book.js';
import { UsageController } from './usage.controller.js';
import { UsageStore } from './usage.store.js';

/** What calls cost, and the record of every one of them. */
@Module({
  controllers: [UsageController],
  providers: [
    { provide: PriceBook, useFactory: loadPriceBook, inject: [LiveConfig, LOG, CLOCK] },
    { provide: Ledger, useFactory: openLedger, inject: [LedgerStore, CLOCK, LOG] },
    LedgerStore,
    UsageStore,
  ],
  exports: [PriceBook, Ledger],
})
export class UsageModule {}

function openLedger(store: LedgerStore, clock: Clock, log: Log): Ledger {
  return new Ledger(store, clock, log);
}
