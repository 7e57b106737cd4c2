import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** A single Redis, one behind Sentinel, or a Cluster. */
export interface RedisClient {
  evalsha(sha1: string, keys: number, ...keysAndArgs: (string | number)[]): Promise<unknown>;
  eval(source: string, keys: number, ...keysAndArgs: (string | number)[]): Promise<unknown>;
}

/** What every script that counts begins with. */
export const MONEY = ['shard.lua', 'window.lua', 'slice.lua', 'take.lua'] as const;

/** A script that Redis knows by its hash, and is told only where it does not know it yet. All its keys lie in the slot of `key`. */
export class LuaScript {
  private readonly sha: string;

  private constructor(private readonly source: string) {
    this.sha = createHash('sha1').update(source).digest('hex');
  }

  /** Made of files beside the module at `base`, one after the other. */
  static of(base: string, ...files: readonly string[]): LuaScript {
    return new LuaScript(files.map((file) => readFileSync(new URL(file, base), 'utf8')).join('\n'));
  }

  async run(redis: RedisClient, key: string, args: readonly (string | number)[]): Promise<unknown> {
    try {
      return await redis.evalsha(this.sha, 1, key, ...args);
    } catch (error) {
      if (!String(error).includes('NOSCRIPT')) throw error;
      return redis.eval(this.source, 1, key, ...args);
    }
  }
}
