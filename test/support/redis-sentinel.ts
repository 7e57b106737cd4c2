import { Redis } from 'ioredis';
import { eventually } from './eventually.js';
import { type RedisServer, startRedis } from './redis.js';

const SENTINELS = 3;
const QUORUM = 2;
const NAME = 'mymaster';

export interface SentinelGroup {
  /** `host:port` of each Sentinel, with commas between. */
  readonly hosts: string;
  readonly name: string;
  readonly master: RedisServer;
  readonly replica: RedisServer;
  readonly sentinels: readonly RedisServer[];
  stop(): Promise<void>;
}

/** Starts a master, a replica of it and three Sentinels that notice within a second, and waits until they know each other. */
export async function startSentinelGroup(): Promise<SentinelGroup> {
  const master = await startRedis();
  const port = portOf(master);
  const replica = await startRedis({ replicaOf: port });
  const sentinels = await Promise.all(
    Array.from({ length: SENTINELS }, () =>
      startRedis({
        sentinel: [
          `sentinel monitor ${NAME} 127.0.0.1 ${port} ${QUORUM}`,
          `sentinel down-after-milliseconds ${NAME} 500`,
          `sentinel failover-timeout ${NAME} 3000`,
        ],
      }),
    ),
  );
  await eventually(async () => (await Promise.all(sentinels.map(knowsAll))).every(Boolean), 30_000);
  const servers = [...sentinels, replica, master];
  return {
    hosts: sentinels.map((sentinel) => `127.0.0.1:${portOf(sentinel)}`).join(','),
    name: NAME,
    master,
    replica,
    sentinels,
    stop: async () => {
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}

async function knowsAll({ url }: RedisServer): Promise<boolean> {
  const redis = new Redis(url);
  try {
    const info = await redis.info('sentinel');
    return info.includes('slaves=1') && info.includes(`sentinels=${SENTINELS}`);
  } finally {
    redis.disconnect();
  }
}

export function portOf({ url }: RedisServer): number {
  return Number(new URL(url).port);
}
