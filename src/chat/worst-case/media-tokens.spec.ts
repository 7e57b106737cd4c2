import { describe, expect, it } from '@jest/globals';
import { audioTokens, imageTokens } from './media-tokens.js';

describe('imageTokens', () => {
  it.each([
    // 85 + 170 × 8 tiles, 2,833 + 5,667 × 8, 1,536 patches × 2.46: OpenAI's own figures for the largest pictures.
    ['openai', 'gpt-4o', 1_445],
    ['openai', 'gpt-4o-mini', 48_169],
    ['openai', 'gpt-4.1-nano', 3_779],
    ['openai', 'gpt-5', 1_190],
    ['openai', 'o3', 1_275],
    // 10,000 patches × 1.2
    ['openai', 'gpt-5.6-sol', 12_000],
    ['openai', 'gpt-6-sol', 12_000],
    ['openrouter', 'openai/gpt-4o-mini', 48_169],
    ['anthropic', 'claude-haiku-4-5', 1_568],
    ['anthropic', 'claude-opus-4-8', 4_784],
    ['openrouter', 'anthropic/claude-opus-4.8', 4_784],
    // Qwen2-VL's default maximum.
    ['openai-compatible', 'qwen', 16_384],
  ] as const)('at %s is for %s no less than %d', (type, model, documented) => {
    expect(imageTokens(type, model, undefined)).toBeGreaterThanOrEqual(documented);
    expect(imageTokens(type, model, 'high')).toBe(imageTokens(type, model, undefined));
  });

  it('is little where OpenAI is asked to look with little detail', () => {
    expect(imageTokens('openai', 'gpt-4o', 'low')).toBe(256);
    expect(imageTokens('openai', 'gpt-4o-mini', 'low')).toBe(2_833);
    expect(imageTokens('anthropic', 'claude-haiku-4-5', 'low')).toBe(1_568);
  });
});

/** The head of a WAV file of 16 bits, and `seconds` of silence. */
function wav(seconds: number, rate = 24_000, format = 1): string {
  const head = Buffer.alloc(44);
  head.write('RIFF', 0);
  head.write('WAVEfmt ', 8);
  head.writeUInt32LE(16, 16);
  head.writeUInt16LE(format, 20);
  head.writeUInt16LE(1, 22);
  head.writeUInt32LE(rate, 24);
  head.writeUInt32LE(rate * 2, 28);
  head.writeUInt16LE(2, 32);
  head.writeUInt16LE(16, 34);
  return Buffer.concat([head, Buffer.alloc(seconds * rate * 2)]).toString('base64');
}

describe('audioTokens', () => {
  it('is ten for each second of plain sound', () => {
    expect(audioTokens({ kind: 'audio', format: 'wav', data: wav(60) })).toBe(602);
    expect(audioTokens({ kind: 'audio', format: 'wav', data: wav(60, 100) })).toBeGreaterThanOrEqual(600);
  });

  it('takes MP3 for the poorest there is', () => {
    expect(audioTokens({ kind: 'audio', format: 'mp3', data: Buffer.alloc(60_000).toString('base64') })).toBe(601);
  });

  it('is a token for each byte where the length cannot be told', () => {
    const data = Buffer.alloc(3_000).toString('base64');

    expect(audioTokens({ kind: 'audio', format: 'flac', data })).toBe(3_000);
    expect(audioTokens({ kind: 'audio', format: 'wav', data })).toBe(3_000);
    expect(audioTokens({ kind: 'audio', format: 'wav', data: wav(1, 24_000, 2) })).toBeGreaterThan(48_000);
    expect(audioTokens({ kind: 'audio', format: 'wav', data: wav(1, 0) })).toBeGreaterThanOrEqual(44);
    expect(audioTokens({ kind: 'audio', format: 'wav', data: '' })).toBe(0);
  });
});
