import { describe, expect, it } from '@jest/globals';
import type { Log } from '../platform/index.js';
import { storedKey as key } from '../../test/support/stored-key.js';
import type { StoredKey } from './key-record.js';
import { KnownKeys } from './known-keys.js';

describe('KnownKeys', () => {
  it('answers synchronously what it was told less than 15 s ago', async () => {
    const { known, clock, questions } = knownKeysOver(key('a'));
    await known.find('a');

    clock.ms = 14_999;

    expect(known.find('a')).toMatchObject({ id: 'id of a' });
    expect(questions).toHaveLength(1);
  });

  it('renews a key in use before it is 30 s old, without making anybody wait', async () => {
    const { known, clock, questions } = knownKeysOver(key('a'));
    await known.find('a');

    clock.ms = 20_000;
    const served = known.find('a');
    await settled();
    clock.ms = 49_999;

    expect(served).not.toBeInstanceOf(Promise);
    expect(known.find('a')).not.toBeInstanceOf(Promise);
    expect(questions).toHaveLength(2);
  });

  it('asks again when what it knows is 30 s old, so that a change that was missed heals', async () => {
    const { known, clock, rows } = knownKeysOver(key('a'));
    await known.find('a');
    rows.set('a', key('a', { revokedAt: 1 }));

    clock.ms = 30_000;

    expect(await known.find('a')).toMatchObject({ isRevoked: true });
  });

  it('asks again after a second while no change can be heard of', async () => {
    const { known, clock, rows, news } = knownKeysOver(key('a'));
    await known.find('a');
    rows.set('a', key('a', { revokedAt: 1 }));
    news.isListening = false;

    clock.ms = 499;
    expect(known.find('a')).toMatchObject({ isRevoked: false });
    clock.ms = 1_000;
    expect(await known.find('a')).toMatchObject({ isRevoked: true });
  });

  it('asks for each key again after a gap, once, before it serves', async () => {
    const { known, rows, questions } = knownKeysOver(key('a'), key('b'));
    await Promise.all([known.find('a'), known.find('b')]);
    rows.set('a', key('a', { revokedAt: 1 }));

    known.doubtAll();

    expect(await Promise.all([known.find('a'), known.find('b')])).toMatchObject([{ isRevoked: true }, { isRevoked: false }]);
    expect(known.find('a')).not.toBeInstanceOf(Promise);
    expect(questions).toHaveLength(2);
  });

  it('serves on after a gap while the database fails', async () => {
    const { known, store } = knownKeysOver(key('a'));
    await known.find('a');
    store.fails = true;

    known.doubtAll();

    expect(await known.find('a')).toMatchObject({ id: 'id of a' });
    expect(known.find('a')).not.toBeInstanceOf(Promise);
  });

  it('does not serve on what it has heard to be changed, also while the database fails', async () => {
    const { known, store, clock } = knownKeysOver(key('a'));
    await known.find('a');
    store.fails = true;
    clock.ms = 30_000;
    const asked = Promise.resolve(known.find('a'));
    known.forget('a');

    await expect(asked).rejects.toThrow('refused');
    await expect(known.find('a')).rejects.toThrow('refused');
  });

  it('forgets at once that a key does not exist, when it hears of it', async () => {
    const { known, rows } = knownKeysOver();
    await known.find('x');
    rows.set('x', key('x'));

    known.forget('x');

    expect(await known.find('x')).toMatchObject({ id: 'id of x' });
  });

  it('remembers for 2 s that a key does not exist', async () => {
    const { known, clock, questions } = knownKeysOver();
    await known.find('x');

    clock.ms = 1_999;
    expect(known.find('x')).toBeUndefined();
    clock.ms = 2_000;
    await known.find('x');

    expect(questions).toHaveLength(2);
  });

  it('serves on what it knows while the database fails, up to 10 minutes', async () => {
    const { known, clock, store } = knownKeysOver(key('a'));
    await known.find('a');
    store.fails = true;

    clock.ms = 599_999;
    expect(await known.find('a')).toMatchObject({ isRevoked: false });
    expect(known.find('a')).toMatchObject({ isRevoked: false });
    clock.ms = 600_000;

    await expect(known.find('a')).rejects.toThrow('refused');
  });

  it('never takes a failing database for an unknown key', async () => {
    const { known, store } = knownKeysOver();
    store.fails = true;

    await expect(known.find('x')).rejects.toThrow('refused');
    await expect(known.find('x')).rejects.toThrow('refused');
  });

  it('asks a failing database about a known key once a second, and says once when it fails and when it is back', async () => {
    const { known, clock, questions, store, events } = knownKeysOver(key('a'));
    await known.find('a');
    store.fails = true;
    clock.ms = 31_000;
    await known.find('a');

    for (; clock.ms < 33_000; clock.ms += 100) {
      void known.find('a');
      await settled();
    }
    store.fails = false;
    clock.ms = 34_000;
    void known.find('a');
    await settled();

    expect(questions).toHaveLength(4);
    expect(events).toEqual(['key_store_down', 'key_store_up']);
  });

  it('does not remember an answer that was under way when a key was revoked', async () => {
    const { known, rows, store } = knownKeysOver(key('a'));
    let answer = (): void => {};
    store.answers = new Promise((resolve) => (answer = resolve));
    const asked = known.find('a');
    await settled();
    rows.set('a', key('a', { revokedAt: 1 }));
    known.forget('a');
    answer();
    await asked;

    expect(await known.find('a')).toMatchObject({ isRevoked: true });
  });

  it('remembers an answer that was under way when another key was changed', async () => {
    const { known, store, questions } = knownKeysOver(key('a'));
    let answer = (): void => {};
    store.answers = new Promise((resolve) => (answer = resolve));
    const asked = known.find('a');
    await settled();
    known.forget('b');
    answer();
    await asked;

    expect(known.find('a')).not.toBeInstanceOf(Promise);
    expect(questions).toHaveLength(1);
  });

  it('turns away a flood of made-up keys, and none that it knows', async () => {
    const { known, clock } = knownKeysOver(key('a'));
    await known.find('a');
    clock.ms = 30_000;

    const flood = Array.from({ length: 1_001 }, (_, at) => Promise.resolve(known.find(`made-up-${at}`)));
    const renewed = known.find('a');

    const outcomes = await Promise.allSettled(flood);
    expect(outcomes.filter(({ status }) => status === 'rejected')).toHaveLength(1);
    expect(await renewed).toMatchObject({ id: 'id of a' });
  });

  it('remembers a bounded number of unknown keys', async () => {
    const { known } = knownKeysOver();

    for (let batch = 0; batch < 12; batch += 1) {
      await Promise.all(Array.from({ length: 1_000 }, async (_, at) => known.find(`made-up-${batch}-${at}`)));
    }

    expect((known as unknown as { unknown: Map<string, number> }).unknown.size).toBe(10_000);
  });
});

function knownKeysOver(...stored: readonly StoredKey[]) {
  const clock = { ms: 0, now: () => clock.ms, elapsed: () => clock.ms };
  const rows = new Map(stored.map((row) => [row.publicId, row]));
  const questions: string[][] = [];
  const store = { fails: false, answers: Promise.resolve() };
  const events: string[] = [];
  const record = ({ event }: { event: string }): void => void events.push(event);
  const load = async (publicIds: readonly string[]): Promise<StoredKey[]> => {
    questions.push([...publicIds]);
    const answer = publicIds.flatMap((publicId) => rows.get(publicId) ?? []);
    await store.answers;
    if (store.fails) throw new Error('refused');
    return answer;
  };
  const news = { isListening: true };
  const known = new KnownKeys(load, news, clock, { warn: record, info: record } as unknown as Log);
  return { known, clock, rows, questions, store, events, news };
}

/** Lets a background look-up, which begins with the next turn, come to its end. */
async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise((resolve) => {
      setImmediate(resolve);
    });
  }
}
