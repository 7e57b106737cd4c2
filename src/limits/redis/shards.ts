/** Fixed for ever: another number would look for a tenant's counters where they are not. */
const SHARDS = 64;

/** What all keys of each shard begin with. The tag in braces puts them in one slot of a Redis Cluster. */
const PREFIXES = Array.from({ length: SHARDS }, (_, shard) => `tollgate:{s${shard}}:`);

/** All that is counted for one tenant lies in one shard, so that one script sees it. */
export function shardOf(tenant: string): string {
  // FNV-1a, 32 bits: http://www.isthe.com/chongo/tech/comp/fnv/
  let hash = 0x811c9dc5;
  for (let at = 0; at < tenant.length; at += 1) hash = Math.imul(hash ^ tenant.charCodeAt(at), 0x01000193);
  return PREFIXES[(hash >>> 0) % SHARDS]!;
}

export const ALL_SHARDS: readonly string[] = PREFIXES;
