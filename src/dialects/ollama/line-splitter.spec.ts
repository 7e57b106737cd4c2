import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LineSplitter } from './line-splitter.js';

/** The lines of a text that arrives in pieces of at most `size` bytes, and what is left. */
function linesOf(text: string, size: number): string[] {
  const splitter = new LineSplitter();
  const bytes = Buffer.from(text);
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += size) lines.push(...splitter.take(bytes.subarray(at, at + size)));
  return [...lines, splitter.rest()];
}

describe('LineSplitter', () => {
  it('gives the same lines wherever the bytes were cut, also inside characters', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), fc.integer({ min: 1, max: 20 }), (texts, size) => {
        const text = texts.join('\n');

        expect(linesOf(text, size)).toEqual(text.split('\n'));
      }),
    );
  });

  it('ends a line at a line feed only', () => {
    expect(linesOf('a\u2028b\r\nc', 1)).toEqual(['a\u2028b\r', 'c']);
  });

  it('gives up on a line that never ends', () => {
    const splitter = new LineSplitter();
    const piece = Buffer.alloc(1024 * 1024, 'x');

    expect(() => {
      for (let i = 0; i < 9; i++) splitter.take(piece);
    }).toThrow('too long');
  });
});
