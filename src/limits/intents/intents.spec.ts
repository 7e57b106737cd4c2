import { describe, expect, it } from '@jest/globals';
import pino from 'pino';
import { eventually } from '../../../test/support/eventually.js';
import type { Correction, Intent } from './intents.store.js';
import { Intents } from './intents.js';

/** A database that answers when it is told to. */
class SlowStore {
  readonly written: { begun: string[]; over: string[] }[] = [];
  /** Of calls that begin, and of those that are corrected, beside one another. */
  readonly costs: bigint[][] = [];
  private readonly answers: ((error?: Error) => void)[] = [];

  write(begun: readonly Intent[], over: readonly string[], corrected: readonly Correction[] = []): Promise<void> {
    this.costs.push([...begun.map(({ worst }) => worst.costNanoUsd), ...corrected.map(({ actual }) => actual.costNanoUsd)]);
    this.written.push({ begun: begun.map(({ callId }) => callId).toSorted(), over: [...over] });
    return new Promise((resolve, reject) => this.answers.push((error) => (error ? reject(error) : resolve())));
  }

  async answer(error?: Error): Promise<void> {
    await eventually(() => this.answers.length > 0);
    this.answers.shift()!(error);
  }
}

const intent = (callId: string): Intent => {
  return { callId, owner: 'owner', tenant: 'tenant', memo: '[]', worst: { tokens: 1, costNanoUsd: 2n } };
};

function start() {
  const [store, clock, events] = [new SlowStore(), { ms: 0, elapsed: () => clock.ms }, [] as string[]];
  const log = pino({}, { write: (line) => void events.push((JSON.parse(line) as { event: string }).event) });
  const onDisk: string[] = [];
  const disk = { note: async ({ callId }: Intent) => onDisk.push(callId) > 0 };
  return { store, clock, events, onDisk, intents: new Intents(store, disk, clock, log) };
}

describe('intents', () => {
  it('are durable before their calls go out, and those that come meanwhile share the next commit', async () => {
    const { store, intents } = start();
    const out: string[] = [];
    const note = (callId: string): Promise<void> => intents.note(intent(callId)).then(() => void out.push(callId));
    const first = note('a');
    await eventually(() => store.written.length === 1);
    const others = [note('b'), note('c')];
    expect(out).toEqual([]);

    await store.answer();
    await first;
    expect(out).toEqual(['a']);
    await store.answer();
    await Promise.all(others);

    expect(store.written).toEqual([
      { begun: ['a'], over: [] },
      { begun: ['b', 'c'], over: [] },
    ]);
  });

  it('are written also where they come in the very turn in which others were', async () => {
    const { store, events, intents } = start();
    const noted = intents.note(intent('a')).then(() => intents.note(intent('b')));
    await store.answer();
    await store.answer();

    expect(await noted).toBe(true);
    expect(store.written.map(({ begun }) => begun)).toEqual([['a'], ['b']]);
    expect(events).toEqual([]);
  });

  it('say what a call has really taken that is over before it could be noted', async () => {
    const { store, intents } = start();
    const first = intents.note(intent('a'));
    await eventually(() => store.written.length === 1);
    const noted = intents.note(intent('b'));

    expect(intents.replace('a', { tokens: 1, costNanoUsd: 1n })).toBe(false);
    expect(intents.replace('b', { tokens: 1, costNanoUsd: 1n })).toBe(true);
    await store.answer();
    await store.answer();
    await Promise.all([first, noted]);

    expect(store.costs).toEqual([[2n], [1n]]);
  });

  it('are corrected, however often the database fails, unless they are over by then', async () => {
    const { store, intents } = start();
    const corrected: string[] = [];
    for (const callId of ['a', 'b']) intents.correct(callId, { tokens: 1, costNanoUsd: 1n }, () => void corrected.push(callId));
    await store.answer(new Error('away'));
    expect(corrected).toEqual([]);
    intents.done('b');
    await store.answer();
    await store.answer();
    await eventually(() => corrected.length > 0);

    expect(corrected).toEqual(['a']);
    expect(store.costs).toEqual([[1n, 1n], [], [1n]]);
    expect(store.written[2]).toEqual({ begun: [], over: ['b'] });
  });

  it('are forgotten together with what is noted next, or by themselves before long', async () => {
    const { store, intents } = start();
    intents.done('a');
    const noted = intents.note(intent('b'));
    await store.answer();
    await noted;
    intents.done('b');
    await store.answer();

    expect(store.written).toEqual([
      { begun: ['b'], over: ['a'] },
      { begun: [], over: ['b'] },
    ]);
  });

  it('stand on the disk while the database fails, which is said once, and need it no more when it is back', async () => {
    const { store, clock, events, onDisk, intents } = start();
    intents.done('a');
    const failed = intents.note(intent('b'));
    await store.answer(new Error('away'));
    expect(await failed).toBe(true);
    expect(await intents.note(intent('c'))).toBe(true);
    expect(store.written).toHaveLength(1);
    expect(onDisk).toEqual(['b', 'c']);
    // Nothing but a row takes the place of what stands on the disk.
    expect(['b', 'c'].map((callId) => intents.replace(callId, { tokens: 1, costNanoUsd: 1n }))).toEqual([false, false]);
    let corrected = 0;
    intents.correct('c', { tokens: 1, costNanoUsd: 1n }, () => (corrected += 1));

    clock.ms += 1_000;
    const again = intents.note(intent('d'));
    await store.answer(new Error('still away'));
    clock.ms += 1_000;
    const last = intents.note(intent('e'));
    await store.answer();
    await store.answer();
    await Promise.all([again, last]);

    // A database that has failed is asked with nothing at first.
    expect(store.written.slice(1, 3)).toEqual([
      { begun: [], over: [] },
      { begun: [], over: [] },
    ]);
    expect(store.written[3]!.over).toEqual(['a']);
    expect([...onDisk, ...store.written[3]!.begun]).toEqual(['b', 'c', 'd', 'e']);
    expect(corrected).toBe(0);
    expect(events).toEqual(['intents_unwritten']);
  });

  it('stand on the disk however many come while the database is away', async () => {
    const { store, clock, onDisk, intents } = start();
    const failed = intents.note(intent('first'));
    await store.answer(new Error('away'));
    await failed;

    for (let calls = 0; calls < 10_001; calls += 1) expect(await intents.note(intent(`call ${calls}`))).toBe(true);

    expect(onDisk).toHaveLength(10_002);
    expect(clock.ms).toBe(0);
  });

  it('stand on the disk when the database hangs', async () => {
    const { store, onDisk, intents } = start();

    await intents.note(intent('a'));

    expect(onDisk).toEqual(['a']);
    expect(store.written).toEqual([{ begun: ['a'], over: [] }]);
    intents.done('a');
    await store.answer();
    await store.answer();
    expect(store.written[1]).toEqual({ begun: [], over: ['a'] });
  });

  it('leave nothing behind when the process ends', async () => {
    const { store, intents } = start();
    intents.done('a');
    const closed = intents.close();
    await store.answer();
    await closed;

    expect(store.written).toEqual([{ begun: [], over: ['a'] }]);
  });
});
