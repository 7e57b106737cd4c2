import type { Partition } from './partitions.js';

const DAY_MS = 86_400_000;

/** The days (UTC) of bodies that `nowMs` lies in and that follow it, `count` in all. */
export function daysFrom(nowMs: number, count: number): readonly Partition[] {
  const first = Math.floor(nowMs / DAY_MS) * DAY_MS;
  return Array.from({ length: count }, (_, after) => {
    const since = new Date(first + after * DAY_MS);
    const table = `bodies_${since.toISOString().slice(0, 10).replaceAll('-', '_')}`;
    return { parent: 'bodies', table, since, until: new Date(since.getTime() + DAY_MS) };
  });
}
