import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../log/log.js';
import { reasonOf } from '../reason.js';
import { DatabaseSetupError } from './database-setup-error.js';
import { migrate } from './migrations.js';
import { isRefusal } from './postgres-errors.js';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

export interface SchemaPreparation {
  readonly url: string;
  /** Until then somebody waits, and what waiting cannot cure is thrown; later it is logged like any other failure. */
  readonly patienceMs: number;
  readonly log: Log;
  /** Ends the attempts; the promise then stays open for ever. */
  readonly signal: AbortSignal;
}

/** Resolves when the database has been reached and its schema is up to date, however many attempts that takes. */
export async function prepareSchema({ url, patienceMs, log, signal }: SchemaPreparation): Promise<void> {
  const startedAt = performance.now();
  let lastReason = '';
  for (let pauseMs = FIRST_PAUSE_MS; !signal.aborted; pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS)) {
    try {
      const migrations = await migrate(url);
      if (migrations.length > 0) log.info({ event: 'migrations_applied', migrations });
      return;
    } catch (error) {
      const final = toSetupError(error);
      if (final && performance.now() - startedAt < patienceMs) throw final;
      const reason = reasonOf(final ?? error);
      if (reason !== lastReason) log.warn({ event: 'database_not_ready', reason });
      lastReason = reason;
    }
    await sleep(pauseMs, undefined, { ref: false, signal }).catch(() => undefined);
  }
  await new Promise(() => undefined);
}

function toSetupError(error: unknown): DatabaseSetupError | undefined {
  if (error instanceof DatabaseSetupError) return error;
  if (!isRefusal(error)) return undefined;
  return new DatabaseSetupError(`The database refuses us: ${error.message}. Check DATABASE_URL and what its user may do.`, {
    cause: error,
  });
}
