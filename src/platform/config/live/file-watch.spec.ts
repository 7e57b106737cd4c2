import { afterEach, describe, expect, it } from '@jest/globals';
import { eventually } from '../../../../test/support/eventually.js';
import { FileWatch } from './file-watch.js';

describe('FileWatch', () => {
  const watches: FileWatch[] = [];
  afterEach(() => watches.splice(0).forEach((watch) => watch.stop()));

  /** Sees these looks, one at a time, and then the last of them for ever. */
  function watchOf(looks: readonly string[], known: string) {
    const seen = { looks: 0, changes: [] as string[] };
    let judged = known;
    const lookAt = (index: number): string => looks[Math.min(index, looks.length - 1)]!;
    const watch = new FileWatch({
      everyMs: 1,
      look: () => Promise.resolve(lookAt(seen.looks++)),
      knows: (look) => look === judged,
      onChange: () => seen.changes.push((judged = lookAt(seen.looks - 1))),
    });
    watches.push(watch);
    watch.start();
    return { watch, seen };
  }

  it('says nothing of a file that stays as it was read', async () => {
    const { seen } = watchOf(['first'], 'first');

    await eventually(() => seen.looks > 5);

    expect(seen.changes).toEqual([]);
  });

  it('tells of a change once it looks the same twice, and once only', async () => {
    const { seen } = watchOf(['first', 'half', 'more', 'whole', 'whole', 'whole'], 'first');

    await eventually(() => seen.looks > 9);

    expect(seen.changes).toEqual(['whole']);
  });

  it('tells of a change that was there before it looked for the first time', async () => {
    const { seen } = watchOf(['second'], 'first');

    await eventually(() => seen.looks > 5);

    expect(seen.changes).toEqual(['second']);
  });

  it('tells of each change and of the way back', async () => {
    const { seen } = watchOf(['first', 'absent', 'absent', 'first', 'first'], 'first');

    await eventually(() => seen.looks > 8);

    expect(seen.changes).toEqual(['absent', 'first']);
  });

  it('is silent when it has been stopped', async () => {
    const { watch, seen } = watchOf(['first', 'first', 'second'], 'first');
    watch.stop();
    const other = watchOf(['first'], 'first');

    await eventually(() => other.seen.looks > 10);

    expect(seen).toEqual({ looks: 0, changes: [] });
  });
});
