import { describe, expect, it } from '@jest/globals';
import { LedgerQueue } from './ledger-queue.js';

const queueOf = (...lines: string[]): LedgerQueue => {
  const queue = new LedgerQueue({ batchRows: 2, maxBytes: 10 });
  lines.forEach((line, index) => queue.add(line, index));
  return queue;
};

describe('LedgerQueue', () => {
  it('hands rows out in batches, in the order of their coming', () => {
    const queue = queueOf('a', 'b', 'c');

    expect(queue.hasFullBatch).toBe(true);
    expect(queue.take()?.lines).toEqual(['a', 'b']);
    queue.done();
    expect(queue.hasFullBatch).toBe(false);
    expect(queue.take()?.lines).toEqual(['c']);
  });

  it('counts a batch as waiting until it is done', () => {
    const queue = queueOf('a', 'b', 'c');
    queue.take();

    expect(queue.rows).toBe(3);
    expect(queue.oldestSince).toBe(0);

    queue.done();

    expect(queue.rows).toBe(1);
    expect(queue.oldestSince).toBe(2);
  });

  it('drops the oldest batch that is not being written, and only while there are too many bytes', () => {
    const queue = queueOf('aaa', 'bbb', 'ccc');
    queue.take();
    queue.add('ddd', 3);

    expect(queue.dropOverflow()?.lines).toEqual(['ccc', 'ddd']);
    expect(queue.dropOverflow()).toBeUndefined();
    expect(queue.rows).toBe(2);
  });

  it('counts bytes, not characters', () => {
    expect(queueOf('€€€', '€').dropOverflow()?.lines).toEqual(['€€€', '€']);
    expect(queueOf('€€€', 'x').dropOverflow()).toBeUndefined();
  });

  it('gives up everything at once, also what is being written', () => {
    const queue = queueOf('a', 'b', 'c');
    queue.take();

    expect(queue.dropAll()).toEqual(['a', 'b', 'c']);
    expect(queue.rows).toBe(0);
    expect(queue.oldestSince).toBeUndefined();
  });
});
