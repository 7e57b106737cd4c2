import { describe, expect, it } from '@jest/globals';
import { storedKey } from '../../test/support/stored-key.js';
import { KeyLookups } from './key-lookups.js';
import { KnownKey } from './known-key.js';

describe('KeyLookups', () => {
  it('asks once for a thousand who want the same key', async () => {
    const { lookups, questions } = lookupsOver(['a']);

    const found = await Promise.all(Array.from({ length: 1_000 }, () => lookups.find('a')));

    expect(questions).toEqual([['a']]);
    expect(found.every((key) => key?.id === 'a')).toBe(true);
  });

  it('asks once for a thousand different keys that arrive together', async () => {
    const { lookups, questions } = lookupsOver([]);
    const ids = Array.from({ length: 1_000 }, (_, at) => `id-${at}`);

    await Promise.all(ids.map((id) => lookups.find(id)));

    expect(questions).toEqual([ids]);
  });

  it('asks one question at a time, and everything that came meanwhile in the next', async () => {
    const { lookups, questions } = lookupsOver(['b']);
    const first = lookups.find('a');
    await nextTurn();
    const rest = [lookups.find('b'), lookups.find('a'), lookups.find('c')];

    await Promise.all([first, ...rest]);

    expect(questions).toEqual([['a'], ['b', 'c']]);
  });

  it('gives up on a database that hangs, and asks again for the next', async () => {
    const questions: string[][] = [];
    const lookups = new KeyLookups((ids) => {
      questions.push([...ids]);
      return questions.length === 1 ? new Promise(() => {}) : Promise.resolve(new Map([['b', knownKey('b')]]));
    });

    await expect(lookups.find('a')).rejects.toThrow('did not answer within 200 ms');

    expect((await lookups.find('b'))?.id).toBe('b');
    expect(questions).toEqual([['a'], ['b']]);
  });

  it('fails all who share a question that fails, and nobody later', async () => {
    let failures = 1;
    const lookups = new KeyLookups(() => (failures-- > 0 ? Promise.reject(new Error('refused')) : Promise.resolve(new Map())));

    const together = await Promise.allSettled([lookups.find('a'), lookups.find('b')]);

    expect(together.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await lookups.find('a')).toBeUndefined();
  });
});

function lookupsOver(existing: readonly string[]) {
  const questions: string[][] = [];
  const lookups = new KeyLookups(async (ids) => {
    questions.push([...ids]);
    await nextTurn();
    return new Map(existing.map((id) => [id, knownKey(id)]));
  });
  return { lookups, questions };
}

function knownKey(id: string): KnownKey {
  return new KnownKey(storedKey(id, { id }));
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
