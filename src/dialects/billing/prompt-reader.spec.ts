import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type PartKind, PromptReader, unknownParts } from './prompt-reader.js';

const KINDS: ReadonlyMap<string, PartKind> = new Map<string, PartKind>([
  ['text', 'text'],
  ['picture', 'image'],
  ['page', 'document'],
  ['sound', 'audio'],
  ['more', 'tools'],
]);

function read(value: unknown): PromptReader {
  const reader = new PromptReader(KINDS);
  reader.read(value);
  return reader;
}

describe('PromptReader', () => {
  it('misses no string of a body, wherever it stands', () => {
    const harmless = fc.string({ minLength: 1 });
    const tree = fc.letrec<{ node: unknown }>((tie) => ({
      node: fc.oneof(
        { maxDepth: 4 },
        harmless,
        fc.array(tie('node'), { maxLength: 3 }),
        fc.dictionary(
          harmless.map((key) => `x${key}`),
          tie('node'),
          { maxKeys: 3 },
        ),
      ),
    })).node;
    fc.assert(
      fc.property(tree, (value) => {
        const strings: string[] = [];
        JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'string' ? (strings.push(inner), inner) : inner));

        expect(read(value).texts.toSorted()).toEqual(strings.toSorted());
      }),
    );
  });

  it('leaves the bytes of media alone, and reads what stands beside them', () => {
    const { texts } = read([
      { type: 'picture', image_url: { url: 'data:1234', detail: 'low' }, title: 'cat' },
      { type: 'page', source: { type: 'base64', data: '789' }, context: 'a bill' },
      { type: 'page', file: { file_data: '789', filename: 'bill.pdf' } },
    ]);

    expect(texts).toEqual(['cat', 'a bill', 'bill.pdf']);
  });

  it('knows media by their kind', () => {
    const { media, mediaChars } = read([
      { type: 'picture', image_url: { url: 'data:1234', detail: 'low' } },
      { type: 'picture', source: { type: 'base64', data: '56' } },
      { type: 'page', file: { file_data: '789', filename: 'bill.pdf' } },
      { type: 'sound', input_audio: { data: 'AB', format: 'mp3' } },
    ]).reading();

    expect(media).toEqual([
      { kind: 'image', detail: 'low' },
      { kind: 'image', detail: undefined },
      { kind: 'document' },
      { kind: 'audio', data: 'AB', format: 'mp3' },
    ]);
    expect(mediaChars).toBe(['data:1234', 'low', 'base64', '56', '789', 'AB', 'mp3'].join('').length);
  });

  it('reads documents that are text, and the pictures in those that are blocks', () => {
    const { texts, media } = read([
      { type: 'page', source: { type: 'text', data: 'plain' } },
      {
        type: 'page',
        source: {
          type: 'content',
          content: [
            { type: 'text', text: 'block' },
            { type: 'picture', source: {} },
          ],
        },
      },
    ]).reading();

    expect(texts).toEqual(['plain', 'block']);
    expect(media).toEqual([{ kind: 'image', detail: undefined }]);
  });

  it('reads arguments and schemas as JSON, names and all', () => {
    expect(read({ type: 'text', input: { city: 'Rome', type: 'picture', source: 'x' } }).texts).toEqual([
      '{"city":"Rome","type":"picture","source":"x"}',
    ]);
  });

  it('counts what only the provider can read by its length', () => {
    expect(read([{ signature: 'abc' }, { data: 'de' }, { encrypted_content: 'f' }]).reading()).toMatchObject({
      texts: [],
      opaqueBytes: 6,
    });
  });

  it('keeps the longest time that is asked of the cache', () => {
    const marks = (...ttls: (string | undefined)[]) =>
      read(ttls.map((ttl) => ({ cache_control: { type: 'ephemeral', ttl } }))).reading().cache;

    expect(marks()).toBeUndefined();
    expect(marks(undefined)).toBe('5m');
    expect(marks('1h', '5m')).toBe('1h');
    expect(read({ cache_control: null }).reading().cache).toBeUndefined();
    expect(read({ prompt_cache_breakpoint: { mode: 'explicit' } }).reading().cache).toBe('5m');
  });

  it('names parts that it does not know, where parts stand', () => {
    const reader = read([
      {
        content: [
          { type: 'film', url: 'x' },
          { type: 'text', text: 'a' },
        ],
        metadata: { type: 'whatever' },
      },
    ]);

    expect(unknownParts(reader, 'messages')).toEqual([{ field: 'messages', part: 'film', reason: undefined, isCarried: false }]);
  });

  it('hands out what brings tools', () => {
    expect(read([{ type: 'more', tools: [1] }]).bringTools).toEqual([{ type: 'more', tools: [1] }]);
  });
});
