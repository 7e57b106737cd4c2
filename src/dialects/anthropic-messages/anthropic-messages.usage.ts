import { inputTokensOf, outputTokensOf, type Usage } from '../../core/usage.js';
import { toTokens } from '../wire-usage.js';

const COUNTERS = ['input_tokens', 'cache_read_input_tokens', 'cache_creation_input_tokens', 'output_tokens'] as const;

/**
 * Gathers Anthropic's usage reports, which are cumulative: a counter that is there replaces the one before, one that is not
 * keeps it. Their counters are disjoint: what was read from the cache or written to it stands outside `input_tokens`.
 */
export class UsageReport {
  private readonly counters: Partial<Record<(typeof COUNTERS)[number], number>> = {};
  private written5m: number | undefined;
  private written1h: number | undefined;
  private thinking = 0;

  /** Takes the `usage` of a `message_start`, a `message_delta` or a plain answer. */
  take(wire: unknown): void {
    if (!isObject(wire)) return;
    for (const counter of COUNTERS) this.counters[counter] = toTokens(wire[counter]) ?? this.counters[counter];
    const { cache_creation: creation, output_tokens_details: details } = wire;
    if (isObject(creation)) {
      this.written5m = toTokens(creation['ephemeral_5m_input_tokens']) ?? this.written5m;
      this.written1h = toTokens(creation['ephemeral_1h_input_tokens']) ?? this.written1h;
    }
    if (isObject(details)) this.thinking = toTokens(details['thinking_tokens']) ?? this.thinking;
  }

  /** All that was reported; `undefined` if nothing was. */
  get usage(): Usage | undefined {
    const { input_tokens: input, output_tokens: output, cache_read_input_tokens: cacheRead } = this.counters;
    if (input === undefined && output === undefined) return undefined;
    const written = this.counters.cache_creation_input_tokens ?? (this.written5m ?? 0) + (this.written1h ?? 0);
    const cacheWrite1h = Math.min(this.written1h ?? 0, written);
    return {
      input: input ?? 0,
      cacheRead: cacheRead ?? 0,
      cacheWrite5m: written - cacheWrite1h,
      cacheWrite1h,
      output: output ?? 0,
      audioInput: 0,
      audioOutput: 0,
      image: 0,
      reasoning: Math.min(this.thinking, output ?? 0),
    };
  }
}

/** Usage as Anthropic reports it, every counter present. */
export function toWireUsage(usage: Usage): Record<string, unknown> {
  const { cacheRead, cacheWrite5m, cacheWrite1h, reasoning } = usage;
  return {
    input_tokens: inputTokensOf(usage) - cacheRead - cacheWrite5m - cacheWrite1h,
    cache_creation_input_tokens: cacheWrite5m + cacheWrite1h,
    cache_read_input_tokens: cacheRead,
    cache_creation: { ephemeral_5m_input_tokens: cacheWrite5m, ephemeral_1h_input_tokens: cacheWrite1h },
    output_tokens: outputTokensOf(usage),
    output_tokens_details: { thinking_tokens: reasoning },
    server_tool_use: null,
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
