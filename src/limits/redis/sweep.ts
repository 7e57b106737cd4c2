import { ALL_SHARDS, prefixOf } from './shards.js';

const COUNT = 1_000;
const GENERATION = /^tollgate:\{s(\d+)\}:g(\d+):/;

/** One Redis that holds keys: a single one, or a master of a Cluster. */
export interface RedisNode {
  scan(cursor: string, match: 'MATCH', pattern: string, count: 'COUNT', size: number): Promise<[cursor: string, keys: string[]]>;
  unlink(...keys: string[]): Promise<number>;
}

/** Drops what generations before the present one have left on a node. Returns how many keys that were. */
export async function sweepNode(node: RedisNode, generationOf: (shard: number) => number): Promise<number> {
  let swept = 0;
  let cursor = '0';
  do {
    const [next, keys] = await node.scan(cursor, 'MATCH', 'tollgate:{s*}:g*', 'COUNT', COUNT);
    const old = keys.filter((key) => isOld(key, generationOf));
    // A Cluster takes keys of one slot at a time.
    for (const shard of ALL_SHARDS) {
      const ofShard = old.filter((key) => key.startsWith(prefixOf(shard)));
      if (ofShard.length > 0) swept += await node.unlink(...ofShard);
    }
    cursor = next;
  } while (cursor !== '0');
  return swept;
}

function isOld(key: string, generationOf: (shard: number) => number): boolean {
  const [, shard, generation] = GENERATION.exec(key) ?? [];
  return shard !== undefined && Number(generation) < generationOf(Number(shard));
}
