import { Injectable } from '@nestjs/common';
import { Alerts } from './alerts/index.js';
import { Ledger } from './usage/index.js';

/** Tells administrators that rows of the ledger wait on disk. The alert itself is stored when the database is back. */
@Injectable()
export class LedgerAlarm {
  constructor(ledger: Ledger, alerts: Alerts) {
    // Before anything is started: what a former process has left is found at the start.
    ledger.onSpooling(({ atMs, rows, path }) =>
      alerts.raise('ledger_spooled', `spooled:${path}:${atMs}`, { since: new Date(atMs).toISOString(), rows, path }),
    );
  }
}
