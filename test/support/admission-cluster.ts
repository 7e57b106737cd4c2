import { Redis } from 'ioredis';
import { eventually } from './eventually.js';
import { freePort, startRedis } from './redis.js';

const SLOTS = 16_384;
const MASTERS = 3;

export interface RedisCluster {
  readonly urls: readonly string[];
  stop(): Promise<void>;
}

/** Starts three masters that share the slots, and waits until each knows all of it. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const ports = await Promise.all(Array.from({ length: MASTERS }, freePort));
  const servers = await Promise.all(ports.map((clusterPort) => startRedis({ clusterPort })));
  const nodes = servers.map(({ url }) => new Redis(url));
  for (const [at, node] of nodes.entries()) {
    const [from, to] = [Math.ceil((SLOTS * at) / MASTERS), Math.ceil((SLOTS * (at + 1)) / MASTERS) - 1];
    await node.cluster('ADDSLOTSRANGE', from, to);
    await node.cluster('MEET', '127.0.0.1', Number(new URL(servers[0]!.url).port), ports[0]!);
  }
  await eventually(async () => {
    const told = await Promise.all(nodes.map((node) => node.cluster('INFO')));
    return told.every((info) => /cluster_state:ok/.test(info) && info.includes(`cluster_known_nodes:${MASTERS}`));
  }, 30_000);
  for (const node of nodes) node.disconnect();
  return {
    urls: servers.map(({ url }) => url),
    stop: async () => {
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}
