/** What is summed up by quarters of an hour (`usage_quarters`) and by days of UTC (`usage_days`). */
export const QUARTER_SERIES = [
  'total',
  'model',
  'team',
  'tag',
  'template',
  'outcome',
  'latency',
  'model_latency',
  'unpriced',
  'key',
] as const;

/** What is summed up by days as well. */
export const DAY_SERIES = [...QUARTER_SERIES, 'key_model', 'key_user', 'key_tag', 'key_template', 'user', 'user_model'] as const;

export type DaySeries = (typeof DAY_SERIES)[number];

/** What names a cell, in the order of the primary key. */
export const CELL_NAME = ['series', 'subject', 'at', 'value'] as const;

/** Sums over the calls of a cell. */
export const CELL_SUMS = [
  'requests',
  'errors',
  'unpriced',
  'input_tokens',
  'cache_read_tokens',
  'cache_write_5m_tokens',
  'cache_write_1h_tokens',
  'output_tokens',
  'reasoning_tokens',
  'audio_input_tokens',
  'audio_output_tokens',
  'image_tokens',
  'cost_nano_usd',
  'provider_cost_nano_usd',
] as const;

export const QUARTER_MS = 900_000;
