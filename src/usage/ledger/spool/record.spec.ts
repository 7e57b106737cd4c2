import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { countRecords, type Damage, encodeRecord, RecordReader } from './record.js';

const LINES = ['{"call_id":"a"}', '{"call_id":"b","user_id":"Zoë 🦊"}', '{"call_id":"c"}'];

const records = (lines: readonly string[] = LINES): readonly Buffer[] => lines.map((line, index) => encodeRecord(1_000 + index, line));

function readAll(bytes: Buffer) {
  const damages: Damage[] = [];
  const reader = new RecordReader(bytes, (damage) => damages.push(damage));
  const lines: string[] = [];
  for (let record = reader.next(); record; record = reader.next()) lines.push(record.line);
  return { lines, damages };
}

describe('a segment of records', () => {
  it('gives back each row, when it came, and where it stands', () => {
    const [first, second, third] = records();
    const reader = new RecordReader(Buffer.concat([first!, second!, third!]), () => undefined);

    expect(reader.next()).toEqual({ offset: 0, atMs: 1_000, line: LINES[0] });
    expect(reader.next()).toEqual({ offset: first!.length, atMs: 1_001, line: LINES[1] });
    expect(reader.next()).toMatchObject({ line: LINES[2] });
    expect(reader.next()).toBeUndefined();
    expect(countRecords(Buffer.concat(records()))).toBe(3);
  });

  it('keeps any text in one line', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (texts) => {
        const lines = texts.map((text) => JSON.stringify({ text }));

        expect(readAll(Buffer.concat(records(lines)))).toEqual({ lines, damages: [] });
      }),
    );
    expect(readAll(encodeRecord(0, '{\n"a":1}')).lines).toEqual(['{ "a":1}']);
  });

  it('leaves out a last record that was cut off, wherever that was, and says how much there is of it', () => {
    const [first, second, third] = records();
    const whole = Buffer.concat([first!, second!]);

    for (let length = 1; length < third!.length - 1; length += 1) {
      const cut = Buffer.concat([whole, third!.subarray(0, length)]);
      expect(readAll(cut)).toEqual({ lines: LINES.slice(0, 2), damages: [{ offset: whole.length, bytes: length }] });
    }
    // Only the line's end is missing.
    expect(readAll(Buffer.concat([whole, third!.subarray(0, -1)]))).toEqual({ lines: LINES, damages: [] });
    expect(readAll(whole)).toEqual({ lines: LINES.slice(0, 2), damages: [] });
  });

  it('leaves out a record in the middle of which any bit is wrong, and reads on behind it', () => {
    const [first, second, third] = records();

    for (let position = 0; position < second!.length - 1; position += 1) {
      const broken = Buffer.from(second!);
      broken[position]! ^= 1 << (position % 8);
      const { lines, damages } = readAll(Buffer.concat([first!, broken, third!]));
      expect(lines).toEqual([LINES[0], LINES[2]]);
      expect(damages).toEqual([{ offset: first!.length, bytes: second!.length }]);
    }
  });

  it('loses two records and no more where the end of a line is overwritten', () => {
    const [first, second, third] = records();
    const broken = Buffer.from(first!);
    broken[broken.length - 1] = 0;

    expect(readAll(Buffer.concat([broken, second!, third!]))).toEqual({
      lines: [LINES[2]],
      damages: [{ offset: 0, bytes: first!.length + second!.length }],
    });
  });

  it('takes a tail of zeros, which a crash of the machine can leave, for damaged', () => {
    const [first] = records();

    expect(readAll(Buffer.concat([first!, Buffer.alloc(4_096)]))).toEqual({
      lines: [LINES[0]],
      damages: [{ offset: first!.length, bytes: 4_096 }],
    });
  });
});
