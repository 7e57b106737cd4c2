import type { Redis } from 'ioredis';

/**
 * Whether the server belongs to a Redis Cluster, by its answer to `HELLO` or, before Redis 6, to `INFO`. One that refuses to say
 * is none. Rejects where it does not answer.
 */
export async function servesCluster(redis: Pick<Redis, 'call' | 'info'>): Promise<boolean> {
  try {
    return isClusterHello(await redis.call('HELLO'));
  } catch (error) {
    if (!isRefusal(error)) throw error;
  }
  try {
    return /^redis_mode:cluster\r?$/m.test(await redis.info('server'));
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return false;
  }
}

/** A list of names and values in turn. */
function isClusterHello(reply: unknown): boolean {
  return Array.isArray(reply) && reply[reply.indexOf('mode') + 1] === 'cluster';
}

function isRefusal(error: unknown): boolean {
  return error instanceof Error && error.name === 'ReplyError';
}
