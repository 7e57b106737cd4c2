import { describe, expect, it } from '@jest/globals';
import { Turns } from './turns.js';

interface Task {
  readonly result: Promise<unknown>;
  readonly finish: () => void;
  readonly fail: () => void;
}

function taskOf(turns: Turns, name: string, begun: string[]): Task {
  let finish!: () => void;
  let fail!: () => void;
  const work = new Promise<void>((resolve, reject) => {
    finish = resolve;
    fail = () => reject(new Error(name));
  });
  const result = turns.take(() => (begun.push(name), work));
  result.catch(() => undefined);
  return { result, finish, fail };
}

describe('turns', () => {
  it('are taken by so many at a time, and then in order', async () => {
    const turns = new Turns(2);
    const begun: string[] = [];
    const [first, second, third, fourth] = ['1', '2', '3', '4'].map((name) => taskOf(turns, name, begun));
    expect(begun).toEqual(['1', '2']);

    second!.finish();
    await second!.result;
    expect(begun).toEqual(['1', '2', '3']);

    first!.fail();
    await expect(first!.result).rejects.toThrow('1');
    expect(begun).toEqual(['1', '2', '3', '4']);

    for (const task of [third!, fourth!]) task.finish();
    await Promise.all([third!.result, fourth!.result]);
    const last = taskOf(turns, '5', begun);
    expect(begun).toHaveLength(5);
    last.finish();
    expect(await last.result).toBeUndefined();
  });
});
