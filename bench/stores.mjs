// The processes of Postgres and Redis, where they run on this machine, so that their share of a call can be shown.

import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import pg from 'pg';
import { findDescendants } from './cpu.mjs';

/**
 * Asked anew before each case: a pool opens and closes its connections, and each is a process of Postgres.
 * @param {number} gatewayPid
 * @param {Record<string, string>} stores the gateway's own variables
 * @returns {Promise<Record<string, number[]>>}
 */
export async function findStores(gatewayPid, { DATABASE_URL: database, REDIS_URL: redis }) {
  const postgres = database ? await findExternalPostgres(database) : findDescendants(gatewayPid, 'postgres');
  return { postgres, ...(redis && { redis: await findRedis(redis) }) };
}

/** @param {string} connectionString */
async function findExternalPostgres(connectionString) {
  const client = new pg.Client({ connectionString });
  client.on('error', () => {});
  await client.connect().catch((cause) => {
    throw new Error('Redis does not answer at --redis-url.', { cause });
  });
  const { rows } = await client.query('select pid from pg_stat_activity where pid <> pg_backend_pid()');
  await client.end();
  return rows.map((row) => Number(row.pid)).filter((pid) => isCalled(pid, 'postgres'));
}

/** @param {string} url */
async function findRedis(url) {
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null });
  client.on('error', () => {});
  await client.connect().catch((cause) => {
    throw new Error('Redis does not answer at --redis-url.', { cause });
  });
  const answer = await client.info('server');
  client.disconnect();
  const pid = Number(/process_id:(\d+)/.exec(answer)?.[1]);
  return isCalled(pid, 'redis-server') ? [pid] : [];
}

/** A store in a container or on another machine has process ids of its own. @param {number} pid @param {string} name */
function isCalled(pid, name) {
  try {
    return readFileSync(`/proc/${pid}/comm`, 'latin1').trim() === name;
  } catch {
    return false;
  }
}
