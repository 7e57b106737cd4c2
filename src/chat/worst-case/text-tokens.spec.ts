import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { encode } from 'gpt-tokenizer/encoding/o200k_base';
import { encode as encodeR50k } from 'gpt-tokenizer/encoding/r50k_base';
import { DIALECTS } from '../../dialects/index.js';
import { countableTexts, tokensByBytes, tokensByCount } from './text-tokens.js';

const DIALECT = DIALECTS['openai-chat'];

/** `json`: the body as its author wrote it, if that is not how `JSON.stringify` would. */
function ask(content: string, json = JSON.stringify({ model: 'm', messages: [{ role: 'user', content }] })) {
  const request = DIALECT.parse({ raw: Buffer.from(json), text: json, parsed: JSON.parse(json) });
  return { request, prompt: DIALECT.bearing(request).prompt };
}

/** As providers read it: special tokens are plain text. */
const tokensOf = (text: string): number => encode(text, { allowedSpecial: new Set(), disallowedSpecial: new Set() }).length;
const oldTokensOf = (text: string): number => encodeR50k(text, { allowedSpecial: new Set(), disallowedSpecial: new Set() }).length;

function byBytes(content: string, json?: string): number {
  const { request, prompt } = ask(content, json);
  return tokensByBytes(request, prompt)('openai', 'gpt-4o');
}

function byCount(content: string) {
  const { prompt } = ask(content);
  const countable = countableTexts(prompt);
  // The worker takes the names of special tokens for the tokens themselves.
  const counts = countable.texts.map((text) => encode(text, { allowedSpecial: 'all' }).length);
  return tokensByCount(countable, counts, prompt);
}

/** Escapes everything that is not ASCII, as Python does by default. */
const escaped = (json: string): string =>
  json.replaceAll(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

const text = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 300 }),
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.lorem({ maxCount: 60 }),
  fc
    .array(
      fc.tuple(
        fc.constantFrom('\ufdfa', '漢字', '🤦🏽‍♂️', 'ẞ', ' ', '\n', 'a', '=', '7', 'ﷺ', '한국', 'สวัสดี', '<|endoftext|>', '\ud800'),
        fc.integer({ min: 1, max: 700 }),
      ),
      { maxLength: 5 },
    )
    .map((runs) => runs.map(([char, times]) => char.repeat(times)).join('')),
);

describe('tokensByBytes', () => {
  it('is never less than what a tokenizer makes of a text, normalised or not, however it is escaped', () => {
    fc.assert(
      fc.property(text, (content) => {
        const json = JSON.stringify({ model: 'm', messages: [{ role: 'user', content }] });
        const most = Math.max(tokensOf(content), tokensOf(content.normalize('NFKC')), oldTokensOf(content.normalize('NFKC')));

        expect(byBytes(content)).toBeGreaterThanOrEqual(most);
        expect(byBytes(content, escaped(json))).toBeGreaterThanOrEqual(most);
      }),
    );
  });

  it('counts U+FDFA as the 33 bytes that it becomes', () => {
    expect(byBytes('\ufdfa'.repeat(10))).toBeGreaterThanOrEqual(330);
    expect(byBytes('', '{"model":"m","messages":[{"role":"user","content":"\\ufdfa"}]}')).toBeGreaterThanOrEqual(33);
  });

  it('is the length of a body of plain ASCII without its media', () => {
    const url = `data:image/png;base64,${'A'.repeat(100_000)}`;
    const content = [{ type: 'image_url', image_url: { url } }];
    const json = JSON.stringify({ model: 'm', messages: [{ role: 'user', content }] });
    const request = DIALECT.parse({ raw: Buffer.from(json), text: json, parsed: JSON.parse(json) });

    expect(tokensByBytes(request, DIALECT.bearing(request).prompt)('openai', 'gpt-4o')).toBe(json.length - url.length);
  });
});

describe('tokensByCount', () => {
  it('is never less than the truth for the encoding that is counted, nor by more than a few tokens where nothing was cut', () => {
    fc.assert(
      fc.property(text, (content) => {
        expect(byCount(content)('openai', 'gpt-4o')).toBeGreaterThanOrEqual(tokensOf(content));
      }),
    );
    const prose = 'The quick brown fox jumps over the lazy dog. '.repeat(200);
    expect(byCount(prose)('openai', 'gpt-4o')).toBe(tokensOf(prose));
  });

  it('leaves room for tokenizers that make more tokens of the same text', () => {
    const samples = [
      'The quick brown fox jumps over the lazy dog; internationalization, notwithstanding. '.repeat(20),
      'function add(left, right) {\n        return left + right;\n}\n'.repeat(20),
      '{"integrity":"sha512-3xW0kHq8Z1","version":"7.55.0","size":123456789}'.repeat(20),
      'Ünïcödé, 漢字かな交じり文, संस्कृतम्, 한국어 🤦🏽‍♂️ '.repeat(20),
      '1234567890 '.repeat(50),
    ];
    for (const sample of samples) {
      expect(byCount(sample)('anthropic', 'claude-opus-4-8')).toBeGreaterThanOrEqual(oldTokensOf(sample));
      expect(byCount(sample)('openai', 'gpt-4')).toBe(byCount(sample)('anthropic', 'claude-opus-4-8'));
    }
  });

  it('gives about half of the bytes of prose back, even for other tokenizers', () => {
    const prose = 'It was the best of times, it was the worst of times, it was the age of wisdom. '.repeat(100);

    expect(byCount(prose)('anthropic', 'claude-opus-4-8')).toBeLessThan(prose.length * 0.6);
    expect(byCount(prose)('openai', 'gpt-4o')).toBeLessThan(prose.length * 0.3);
  });

  it.each([
    ['a', 'gpt-4o'],
    [' ', 'gpt-4o'],
    ['\n', 'gpt-4o'],
    ['#', 'gpt-4o'],
    ['漢', 'gpt-4o'],
  ])('cuts a long run of %j out before it is counted', (char, model) => {
    const { prompt } = ask(`before ${char.repeat(100_000)} after`);
    const countable = countableTexts(prompt);

    expect(Math.max(...countable.texts.map(({ length }) => length))).toBeLessThan(1_000);
    expect(tokensByCount(countable, countable.texts.map(tokensOf), prompt)('openai', model)).toBeGreaterThanOrEqual(100_000);
  });
});
