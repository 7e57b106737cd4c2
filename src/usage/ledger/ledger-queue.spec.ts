import { describe, expect, it } from '@jest/globals';
import { LedgerQueue, type LedgerRow } from './ledger-queue.js';

const row = (line: string): LedgerRow => ({ line, onDone: undefined });
const linesOf = (rows: readonly LedgerRow[] | undefined): readonly string[] | undefined => rows?.map(({ line }) => line);

const queueOf = (...lines: string[]): LedgerQueue => {
  const queue = new LedgerQueue({ batchRows: 2, maxBytes: 10 });
  lines.forEach((line, index) => queue.add(row(line), index));
  return queue;
};

describe('LedgerQueue', () => {
  it('hands rows out in batches, in the order of their coming', () => {
    const queue = queueOf('a', 'b', 'c');

    expect(queue.hasFullBatch).toBe(true);
    expect(linesOf(queue.take()?.rows)).toEqual(['a', 'b']);
    queue.done();
    expect(queue.hasFullBatch).toBe(false);
    expect(linesOf(queue.take()?.rows)).toEqual(['c']);
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
    queue.add(row('ddd'), 3);

    expect(linesOf(queue.dropOverflow()?.rows)).toEqual(['ccc', 'ddd']);
    expect(queue.dropOverflow()).toBeUndefined();
    expect(queue.rows).toBe(2);
  });

  it('counts bytes, not characters', () => {
    expect(linesOf(queueOf('€€€', '€').dropOverflow()?.rows)).toEqual(['€€€', '€']);
    expect(queueOf('€€€', 'x').dropOverflow()).toBeUndefined();
  });

  it('gives up everything at once, also what is being written', () => {
    const queue = queueOf('a', 'b', 'c');
    queue.take();

    expect(linesOf(queue.dropAll())).toEqual(['a', 'b', 'c']);
    expect(queue.rows).toBe(0);
    expect(queue.oldestSince).toBeUndefined();
  });

  it('lets the oldest leave, also out of what is being written, and counts them until they have left', () => {
    const queue = queueOf('a', 'b', 'c', 'd', 'e');
    const taken = queue.take();

    const leaving = queue.leave(3);
    queue.add(row('f'), 5);

    expect(leaving.flatMap(({ rows }) => linesOf(rows))).toEqual(['a', 'b', 'c', 'd']);
    expect(taken?.rows).toEqual([]);
    expect([queue.rows, queue.oldestSince]).toEqual([6, 0]);

    queue.left();
    queue.done();

    expect([queue.rows, queue.oldestSince]).toEqual([2, 4]);
    expect(linesOf(queue.take()?.rows)).toEqual(['e', 'f']);
  });

  it('has those that could not leave at its head again', () => {
    const queue = queueOf('a', 'b', 'c');
    queue.take();
    queue.leave(1);

    queue.stay();
    queue.done();

    expect(linesOf(queue.take()?.rows)).toEqual(['a', 'b']);
    queue.done();
    expect(linesOf(queue.take()?.rows)).toEqual(['c']);
  });

  it('counts the bytes of those that have left no more', () => {
    const queue = queueOf('aaa', 'bbb', 'ccc', 'ddd');
    queue.leave(1);

    queue.left();
    queue.add(row('eee'), 4);

    expect(queue.dropOverflow()).toBeUndefined();
    expect(queue.rows).toBe(3);
  });
});
