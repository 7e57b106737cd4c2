import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ChunkScan } from './chunk-scan.js';

function scanned(json: string, before = '', after = '') {
  const bytes = Buffer.from(before + json + after);
  const scan = new ChunkScan();
  const isWhole = scan.read(bytes, Buffer.byteLength(before), bytes.length);
  const texts: string[] = [];
  for (let i = 0; i < scan.texts.length; i += 2) texts.push(bytes.toString('utf8', scan.texts[i], scan.texts[i + 1]));
  return { scan, isWhole, texts, bytes };
}

const delta = (members: object, reason: string | null = null) =>
  JSON.stringify({ id: 'x', choices: [{ index: 0, delta: members, finish_reason: reason }] });

describe('ChunkScan', () => {
  it('finds the end of any object, whatever stands before and after it', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.string(), fc.string(), (value, before, after) => {
        const json = JSON.stringify(value);
        const { scan, isWhole } = scanned(json, before, after);

        expect(isWhole).toBe(true);
        expect(scan.end).toBe(Buffer.byteLength(before + json));
      }),
    );
  });

  it('says so where the object is not whole, wherever it is cut', () => {
    const json = delta({ content: 'say "{" and \\' }, 'stop');

    for (let cut = 1; cut < json.length; cut++) expect(scanned(json.slice(0, cut)).isWhole).toBe(false);
  });

  it('refuses an object that goes on after a line has ended', () => {
    expect(scanned('{"a":1,\n"b":2}').isWhole).toBe(false);
    expect(scanned('{"a":"x\ny"}').isWhole).toBe(false);
  });

  it('keeps what was generated, in whatever depth of a delta, and nothing else', () => {
    const call = { index: 0, id: 'call_1', type: 'function', function: { name: 'weather', arguments: '{"city"' } };

    expect(scanned(delta({ role: 'assistant', content: 'Hi', tool_calls: [call] })).texts).toEqual(['Hi', 'weather', '{\\"city\\"']);
    expect(scanned('{"content":"no","choices":[{"delta":{"content":""},"content":"no"}],"name":"no"}').texts).toEqual([]);
  });

  it('counts choices that have ended', () => {
    expect(scanned(delta({}, 'stop')).scan.finishes).toBe(1);
    expect(scanned(delta({ content: '"finish_reason":"stop"' })).scan.finishes).toBe(0);
    expect(scanned('{"choices":[{"finish_reason":"stop"},{"finish_reason":null},{"finish_reason" : "length"}]}').scan.finishes).toBe(2);
  });

  it.each([
    ['{"usage":null}', 1, false],
    ['{"usage": {"prompt_tokens":1}}', 1, true],
    ['{"x":{"usage":{}}}', -1, false],
    ['{"x":"\\"usage\\":1"}', -1, false],
  ])('sees a report of usage at the top alone: %s', (json, at, hasUsage) => {
    expect(scanned(json).scan).toMatchObject({ usageAt: at, hasUsage });
  });

  it('sees an error at the top alone', () => {
    expect(scanned('{"error":{"message":"no"}}').scan.hasError).toBe(true);
    expect(scanned('{"choices":[{"error":null}]}').scan.hasError).toBe(false);
  });

  it('forgets the chunk before', () => {
    const scan = new ChunkScan();
    const read = (json: string) => scan.read(Buffer.from(json), 0, json.length);
    read('{"usage":{},"error":1,"choices":[{"delta":{"content":"a"},"finish_reason":"stop"}]}');

    read('{}');

    expect(scan).toMatchObject({ end: 2, usageAt: -1, hasUsage: false, hasError: false, finishes: 0, texts: [] });
  });
});
