/**
 * Why budgets cannot be entrusted to a Redis whose `INFO memory` says this: it may throw away what nobody told it to forget. Undefined
 * where it may not.
 */
export function evictionProblem(memory: string): string | undefined {
  const policy = /^maxmemory_policy:(\S+)/m.exec(memory)?.[1];
  if (policy === undefined) return 'Redis does not say what its `maxmemory-policy` is; budgets need `noeviction` or a `volatile-` one.';
  if (policy === 'noeviction' || policy.startsWith('volatile-')) return undefined;
  return `The \`maxmemory-policy\` of Redis is \`${policy}\`, which may evict what budgets have spent; set it to \`noeviction\` or a \`volatile-\` one.`;
}
