import pg from 'pg';

export interface PoolLimits {
  readonly connections: number;
  /** How long to wait for a connection, new or returned. */
  readonly connectMs: number;
  /** How long one statement may take before its connection is thrown away. */
  readonly queryMs: number;
}

export const QUERY_LIMITS: PoolLimits = { connections: 10, connectMs: 1_000, queryMs: 5_000 };
export const PROBE_LIMITS: PoolLimits = { connections: 1, connectMs: 900, queryMs: 900 };

/**
 * Connections that give up by themselves: a frozen server must not hold a caller. The limit on statements is kept on our side,
 * because a server that hangs keeps none, and because transaction poolers refuse to be told of it.
 */
export function openPool(url: string, limits: PoolLimits): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'tollgate',
    max: limits.connections,
    connectionTimeoutMillis: limits.connectMs,
    query_timeout: limits.queryMs,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
  });
  // A lost idle connection is no news: the next query opens another, and the health check reports an outage.
  pool.on('error', () => undefined);
  return pool;
}
