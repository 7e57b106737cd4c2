import { describe, expect, it } from '@jest/globals';
import pino from 'pino';
import { eventually } from '../../../test/support/eventually.js';
import type { Intent } from './intents.store.js';
import { Intents } from './intents.js';

/** A database that answers when it is told to. */
class SlowStore {
  readonly written: { begun: string[]; over: string[] }[] = [];
  private readonly answers: ((error?: Error) => void)[] = [];

  write(begun: readonly Intent[], over: readonly string[]): Promise<void> {
    this.written.push({ begun: begun.map(({ callId }) => callId), over: [...over] });
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
  return { store, clock, events, intents: new Intents(store, clock, log) };
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

  it('hold no call up while the database fails, and say so once', async () => {
    const { store, clock, events, intents } = start();
    intents.done('a');
    const failed = intents.note(intent('b'));
    await store.answer(new Error('away'));
    await failed;
    await intents.note(intent('c'));
    expect(store.written).toHaveLength(1);

    clock.ms += 1_000;
    const again = intents.note(intent('d'));
    await store.answer();
    await again;

    expect(store.written[1]).toEqual({ begun: ['d'], over: ['a'] });
    expect(events).toEqual(['intents_unwritten']);
  });

  it('hold no call up while the database hangs', async () => {
    const { store, intents } = start();

    await intents.note(intent('a'));

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
