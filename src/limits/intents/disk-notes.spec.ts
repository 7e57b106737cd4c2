import { describe, expect, it } from '@jest/globals';
import pino from 'pino';
import { eventually } from '../../../test/support/eventually.js';
import { DiskNotes } from './disk-notes.js';
import type { Intent } from './intents.store.js';

const intent = (callId: string): Intent => {
  return { callId, owner: 'owner', tenant: 'tenant', memo: '[]', worst: { tokens: 1, costNanoUsd: 2n } };
};

function start() {
  const [kept, events] = [[] as string[][], [] as string[]];
  const answers: ((error?: Error) => void)[] = [];
  const log = pino({}, { write: (line) => void events.push((JSON.parse(line) as { event: string }).event) });
  const disk = new DiskNotes((intents) => {
    kept.push(intents.map(({ callId }) => callId));
    return new Promise((resolve, reject) => answers.push((error) => (error ? reject(error) : resolve())));
  }, log);
  const answer = async (error?: Error): Promise<void> => {
    await eventually(() => answers.length > 0);
    answers.shift()!(error);
  };
  return { disk, kept, events, answer };
}

describe('notes on disk', () => {
  it('are durable before their calls go out, and share a write with those that come meanwhile', async () => {
    const { disk, kept, answer } = start();
    const out: string[] = [];
    const note = (callId: string): Promise<void> => disk.note(intent(callId)).then(() => void out.push(callId));
    const first = [note('a'), note('b')];
    await eventually(() => kept.length === 1);
    const others = [note('c'), note('d')];
    expect(out).toEqual([]);

    await answer();
    await Promise.all(first);
    expect(out).toEqual(['a', 'b']);
    await answer();
    await Promise.all(others);

    expect(kept).toEqual([
      ['a', 'b'],
      ['c', 'd'],
    ]);
  });

  it('hold no call up when the disk fails, and say so once', async () => {
    const { disk, events, answer } = start();

    for (let times = 0; times < 2; times += 1) {
      const noted = disk.note(intent('a'));
      await answer(new Error('full'));
      expect(await noted).toBe(false);
    }

    expect(events).toEqual(['intents_unwritten']);
  });
});
