import type { ProviderType } from '../../core/provider.js';
import type { Media } from '../../dialects/index.js';
import { claudeVersion } from './model-limits.js';

type Row = readonly [name: RegExp, high: number, low: number];

/**
 * The most tokens that OpenAI makes of one picture (developers.openai.com, *Images and vision*): a base and up to eight tiles of 512
 * pixels (85 + 8 × 170; for gpt-4o-mini 2,833 + 8 × 5,667), or patches of 32 pixels, up to 1,536 of them, times a factor of at most 2.46.
 * Low detail is the base, or 256 patches.
 */
const OPENAI: readonly Row[] = [
  [/^gpt-4o-mini/, 48_169, 2_833],
  [/^(?:chatgpt-4o|gpt-4o|gpt-4-|gpt-4\.5|gpt-4\.1(?!-)|o1|o3)/, 1_536, 256],
  [/^(?:gpt-4\.1-|o4-mini|gpt-5(?:\.[0-3])?(?:-|$))/, 3_779, 630],
];
/** Later models look at up to 10,000 patches (`original`), and no factor that is published is larger than 2.46. */
const OPENAI_LATER: Row = [/^/, 24_600, 630];

/** Anthropic scales pictures down to 1,568 tokens, and from Claude 4.7 on to 4,784 (platform.claude.com, *Vision*). */
const CLAUDE = 1_568;
const CLAUDE_LATER = 4_784;
/** The largest default that is known of open models: Qwen's (`max_pixels` of its model cards, 4 to 16,384 visual tokens). */
const ELSEWHERE = 16_384;

/** Tokens that one picture becomes at most, whatever its size. */
export function imageTokens(type: ProviderType, model: string, detail: string | undefined): number {
  if (type === 'openai') return openaiImage(model, detail);
  if (type === 'anthropic') return claudeImage(model);
  if (type === 'openrouter' && model.startsWith('openai/')) return openaiImage(model.slice('openai/'.length), detail);
  if (type === 'openrouter' && model.startsWith('anthropic/')) return claudeImage(model.slice('anthropic/'.length));
  return ELSEWHERE;
}

function openaiImage(model: string, detail: string | undefined): number {
  const [, high, low] = OPENAI.find(([name]) => name.test(model)) ?? OPENAI_LATER;
  return detail === 'low' ? low : high;
}

function claudeImage(model: string): number {
  const version = claudeVersion(model);
  return version !== undefined && version < 4.7 ? CLAUDE : CLAUDE_LATER;
}

/** OpenAI hears a token every 100 ms (its guide on the cost of audio). No other provider says that it hears more. */
const TOKENS_PER_SECOND = 10;
/** Even the poorest MP3 has 8 kbit a second. */
const LEAST_MP3_BYTES_PER_SECOND = 1_000;
const WAV_HEAD_CHARS = 64;
const PCM = 1;

/** Tokens that a piece of sound becomes at most; a format whose length cannot be told becomes a token for each byte. */
export function audioTokens({ format, data }: Extract<Media, { kind: 'audio' }>): number {
  const bytes = Math.ceil((data.length * 3) / 4);
  const bytesPerSecond = format === 'mp3' ? LEAST_MP3_BYTES_PER_SECOND : format === 'wav' ? wavBytesPerSecond(data) : 0;
  if (bytesPerSecond <= 0) return bytes;
  return Math.ceil((bytes / bytesPerSecond) * TOKENS_PER_SECOND) + 1;
}

/** Of plain PCM, as its head says and as whoever plays it reads it; 0 for any other. */
function wavBytesPerSecond(data: string): number {
  const head = Buffer.from(data.slice(0, WAV_HEAD_CHARS), 'base64');
  const isPlain = head.length >= 36 && head.toString('latin1', 0, 4) === 'RIFF' && head.toString('latin1', 8, 16) === 'WAVEfmt ';
  if (!isPlain || head.readUInt16LE(20) !== PCM) return 0;
  const [channels, rate, bits] = [head.readUInt16LE(22), head.readUInt32LE(24), head.readUInt16LE(34)];
  return (channels * rate * bits) / 8;
}
