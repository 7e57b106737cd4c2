import type { Feature } from '../core/features.js';

const NOTHING: ReadonlySet<Feature> = new Set();
const SAMPLING: ReadonlySet<Feature> = new Set(['temperature', 'temperature.above_1', 'top_p', 'top_k']);

/**
 * A limit on the answer for who names none: the whole of what a model can say, up to what every model of the later families
 * can. As public lists of the models have it, which are not Anthropic's own: Claude 2 and 3 have 4,096 tokens, 3.5 has 8,192, and
 * from 3.7 on the least is the 32,000 of Opus 4 and 4.1. Names that are not Anthropic's get what small servers bear, too.
 */
export function anthropicDefaultMaxTokens(model: string): number {
  const version = versionOf(model);
  if (version === undefined) return 8_192;
  if (version < 3.5) return 4_096;
  return version < 3.7 ? 8_192 : 32_000;
}

/** From Claude 4.7 on, Anthropic refuses any sampling but the default ("`temperature` is deprecated for this model"). */
export function anthropicLacks(model: string): ReadonlySet<Feature> {
  return (versionOf(model) ?? 0) >= 4.7 ? SAMPLING : NOTHING;
}

/**
 * 4.7 for `claude-opus-4-7` and `claude-4.7-opus-latest`, 4 for `claude-sonnet-4-20250514`: a version has one digit before and
 * one after the point, a date has eight.
 */
function versionOf(model: string): number | undefined {
  const found = /claude-(?:[a-z]+-)?v?(\d)(?!\d)(?:[.-](\d)(?!\d))?/.exec(model);
  return found ? Number(`${found[1]}.${found[2] ?? 0}`) : undefined;
}
