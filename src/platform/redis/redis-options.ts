import { type ClusterOptions, Redis, type RedisOptions } from 'ioredis';

const COMMAND_TIMEOUT_MS = 100;
const SENTINEL_TIMEOUT_MS = 500;
const CONNECT_TIMEOUT_MS = 1_000;
const LONGEST_PAUSE_MS = 1_000;

/** Before the next attempt to connect. */
export function pauseMs(attempt: number): number {
  return Math.min(attempt * 50, LONGEST_PAUSE_MS);
}

/**
 * A command is answered or rejected within 100 ms, whatever Redis does: nothing waits for a connection, and what was under way
 * when it broke is rejected, never sent again (its caller has moved on by then).
 */
export const REDIS_OPTIONS: RedisOptions = {
  commandTimeout: COMMAND_TIMEOUT_MS,
  connectTimeout: CONNECT_TIMEOUT_MS,
  // A connection that has gone deaf is given up and replaced, not kept until TCP notices.
  socketTimeout: 2_000,
  enableOfflineQueue: false,
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  retryStrategy: pauseMs,
  sentinelRetryStrategy: pauseMs,
  sentinelCommandTimeout: SENTINEL_TIMEOUT_MS,
  // A master that was demoted answers so; whoever is it now is found by connecting anew.
  reconnectOnError: (error) => error.message.includes('READONLY'),
  connectionName: 'tollgate',
};

/**
 * The same in a Cluster: a master that is down fails the commands of its own slots, and no other waits for it. A command follows the
 * slot where the answer says that it has moved, and is else never repeated: not after a broken connection, not while there is no master.
 */
export const CLUSTER_OPTIONS: ClusterOptions = {
  enableOfflineQueue: false,
  // What is wrong with the whole is said by each answer.
  enableReadyCheck: false,
  clusterRetryStrategy: pauseMs,
  maxRedirections: 4,
  retryDelayOnMoved: 0,
  retryDelayOnFailover: 0,
  retryDelayOnClusterDown: 0,
  retryDelayOnTryAgain: 10,
  slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
  scaleReads: 'master',
  // Names stay names: certificates are made out to them.
  dnsLookup: (address, callback) => callback(null, address),
};

/** The address of a server as text, or taken apart. */
export type RedisAddress = RedisOptions | string;

/** `own` stands over what is common to all connections. */
export function openRedis(address: RedisAddress, own: RedisOptions = {}): Redis {
  const options = { ...REDIS_OPTIONS, ...own };
  return typeof address === 'string' ? new Redis(address, options) : new Redis({ ...options, ...address });
}
