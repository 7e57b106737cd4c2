import { describe, expect, it } from '@jest/globals';
import { evictionProblem } from './eviction-policy.js';

describe('evictionProblem', () => {
  it.each(['noeviction', 'volatile-lru', 'volatile-lfu', 'volatile-random', 'volatile-ttl'])('has nothing against %s', (policy) => {
    expect(evictionProblem(memoryWith(policy))).toBeUndefined();
  });

  it.each(['allkeys-lru', 'allkeys-lfu', 'allkeys-random'])('names %s, and what to set', (policy) => {
    expect(evictionProblem(memoryWith(policy))).toMatch(new RegExp(`is \`${policy}\`.*set it to \`noeviction\``));
  });

  it('does not take silence for consent', () => {
    expect(evictionProblem('# Memory\r\nused_memory:1\r\n')).toMatch(/does not say/);
  });
});

function memoryWith(policy: string): string {
  return `# Memory\r\nmaxmemory:0\r\nmaxmemory_policy:${policy}\r\nmem_fragmentation_ratio:1\r\n`;
}
