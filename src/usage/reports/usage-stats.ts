import { toUsd } from '../../core/money.js';
import type { UsageFiguresDto, UsageTokensDto } from './usage-stats.dto.js';
import type { Sums } from './sums.js';

/** Sums as people read them. Token counts stay far below 2^53. */
export function toFigures(sums: Sums): UsageFiguresDto {
  return {
    requests: Number(sums.requests),
    errors: Number(sums.errors),
    cache_hits: 0,
    tokens: toTokens(sums),
    cost_usd: toUsd(sums.costNanoUsd),
    unpriced_requests: Number(sums.unpriced),
  };
}

export function toTokens(sums: Sums): UsageTokensDto {
  const { input, cacheRead, cacheWrite5m, cacheWrite1h, output, reasoning, audioInput, audioOutput, image } = sums;
  return {
    input: Number(input),
    cache_read: Number(cacheRead),
    cache_write_5m: Number(cacheWrite5m),
    cache_write_1h: Number(cacheWrite1h),
    output: Number(output),
    reasoning: Number(reasoning),
    audio_input: Number(audioInput),
    audio_output: Number(audioOutput),
    image: Number(image),
    total: Number(input + cacheRead + cacheWrite5m + cacheWrite1h + output + audioInput + audioOutput + image),
  };
}
