/**
 * The tokens of one call in disjoint buckets: no token stands in two of them, so that a sum of buckets is a total.
 * `reasoning` is the exception and never summed: it says how much of `output` was thinking.
 */
export interface Usage {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite5m: number;
  readonly cacheWrite1h: number;
  readonly output: number;
  readonly audioInput: number;
  readonly audioOutput: number;
  readonly image: number;
  readonly reasoning: number;
}

/** The buckets that are summed and priced. */
export const BUCKETS = ['input', 'cacheRead', 'cacheWrite5m', 'cacheWrite1h', 'output', 'audioInput', 'audioOutput', 'image'] as const;
export type Bucket = (typeof BUCKETS)[number];

/** As answers name them, and as the ledger's columns begin. */
export const BUCKET_NAMES = {
  input: 'input',
  cacheRead: 'cache_read',
  cacheWrite5m: 'cache_write_5m',
  cacheWrite1h: 'cache_write_1h',
  output: 'output',
  audioInput: 'audio_input',
  audioOutput: 'audio_output',
  image: 'image',
} as const satisfies Record<Bucket, string>;

export const NO_USAGE: Usage = {
  input: 0,
  cacheRead: 0,
  cacheWrite5m: 0,
  cacheWrite1h: 0,
  output: 0,
  audioInput: 0,
  audioOutput: 0,
  image: 0,
  reasoning: 0,
};

/** Where the figures come from: the provider's report, our own count of what was carried, or an estimate. */
export type UsageSource = 'provider' | 'counted' | 'estimated';

export function inputTokensOf(usage: Usage): number {
  return usage.input + usage.cacheRead + usage.cacheWrite5m + usage.cacheWrite1h + usage.audioInput + usage.image;
}

export function outputTokensOf(usage: Usage): number {
  return usage.output + usage.audioOutput;
}
