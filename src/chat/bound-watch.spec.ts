import { describe, expect, it } from '@jest/globals';
import { BoundWatch } from './bound-watch.js';

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function watching(most: number, bytesPerToken: number) {
  let text = '';
  let counted = 0;
  let exceeded = 0;
  const count = (texts: readonly string[]): Promise<readonly number[]> => {
    counted += 1;
    return Promise.resolve(texts.map(({ length }) => Math.ceil(length / bytesPerToken)));
  };
  const watch = new BoundWatch({ count });
  watch.expect(most / 2);
  const say = async (more: string): Promise<void> => {
    text += more;
    const reading = { usage: undefined, costNanoUsd: undefined, serviceTier: undefined, generatedText: () => text };
    watch.saw(more.length * 10, reading, () => void (exceeded += 1));
    await settle();
  };
  return { say, counted: () => counted, exceeded: () => exceeded };
}

describe('BoundWatch', () => {
  it('counts nothing while there are fewer bytes of text than tokens', async () => {
    const { say, counted, exceeded } = watching(10_000, 4);
    for (let at = 0; at < 100; at += 1) await say('x'.repeat(100));

    expect([counted(), exceeded()]).toEqual([0, 0]);
  });

  it('counts now and then beyond that, and leaves alone what is within', async () => {
    const { say, counted, exceeded } = watching(10_000, 4);
    for (let at = 0; at < 400; at += 1) await say('x'.repeat(100));

    expect(exceeded()).toBe(0);
    expect(counted()).toBeGreaterThan(0);
    expect(counted()).toBeLessThan(20);
  });

  it('says so when there are more tokens than were held', async () => {
    const { say, exceeded } = watching(1_000, 4);
    for (let at = 0; at < 80; at += 1) await say('x'.repeat(100));

    expect(exceeded()).toBeGreaterThan(0);
  });
});
