import { postgresUrl, redisUrl } from './address.kinds.js';
import { atLeast, choice, path } from './kind.js';
import type { Rows } from './row.js';

export const STORE_ROWS = {
  DATABASE_URL: {
    kind: postgresUrl,
    unset: 'an embedded Postgres in `TOLLGATE_DATA_DIR`',
    meaning: 'The Postgres that keeps keys, usage and settings.',
    example: 'postgresql://tollgate:password@localhost:5432/tollgate',
  },
  DATABASE_DIRECT_URL: {
    kind: postgresUrl,
    unset: '`DATABASE_URL`',
    meaning: 'The same database without the transaction pooler in between, for migrations, locks and LISTEN.',
    example: 'postgresql://tollgate:password@localhost:5432/tollgate',
  },
  TOLLGATE_DATA_DIR: { kind: path, default: '.tollgate', meaning: 'Folder of the embedded database and of what waits to be written.' },
  SPOOL_MAX_BYTES: {
    kind: atLeast(0),
    default: '1073741824',
    meaning:
      'Largest spool of a process in `TOLLGATE_DATA_DIR`: there rows of the ledger wait while the database does not take them; `0` = they wait in memory alone.',
  },
  REDIS_URL: {
    kind: redisUrl,
    unset: 'state in the process, one replica only',
    meaning: 'The Redis that replicas share; a Cluster is recognised by itself. Needs `DATABASE_URL`.',
    example: 'redis://localhost:6379',
  },
  CACHE_REDIS_URL: {
    kind: redisUrl,
    unset: '`REDIS_URL`',
    meaning: 'A Redis of its own for cached answers.',
    example: 'redis://localhost:6380',
    effective: false,
  },
  ON_REDIS_DOWN: {
    kind: choice(['closed', 'open']),
    default: 'closed',
    meaning: 'Calls under a budget while Redis is down: `closed` refuses them, `open` lets them through.',
  },
  LEDGER_RETENTION_DAYS: {
    kind: atLeast(0),
    default: '400',
    meaning: 'How long single calls, alerts and counts of refusals are kept (sums of budgets are kept longer); `0` = for ever.',
  },
  BODIES_RETENTION_DAYS: {
    kind: atLeast(0),
    default: '30',
    meaning: 'How long stored bodies are kept (`STORE_BODIES`); a day goes when all of it is older. `0` = for ever.',
  },
  AUDIT_RETENTION_DAYS: {
    kind: atLeast(0),
    default: '0',
    meaning: 'How long the audit log is kept; `0` = for ever.',
  },
} satisfies Rows;
