/** Fixed for ever: another number would look for a tenant's counters where they are not. */
export const SHARDS = 64;

export const ALL_SHARDS: readonly number[] = Array.from({ length: SHARDS }, (_, shard) => shard);

const PREFIXES = ALL_SHARDS.map((shard) => `tollgate:{s${shard}}:`);

/** What all keys of a shard begin with. The tag in braces puts them in one slot of a Redis Cluster. */
export function prefixOf(shard: number): string {
  return PREFIXES[shard]!;
}

/**
 * All that is counted for one tenant lies in one shard, so that one script sees it. The pool of a budget on everything lies in the
 * shard of its counter's name.
 */
export function shardNumberOf(name: string): number {
  // FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/
  let hash = 0x811c9dc5;
  for (let at = 0; at < name.length; at += 1) hash = Math.imul(hash ^ name.charCodeAt(at), 0x01000193);
  return (hash >>> 0) % SHARDS;
}
