import { LATENCY_BOUNDS_MS } from '../../src/usage/rollups/latency-buckets.js';
import { query } from './query.js';

const PLACE = `CASE WHEN model IS NULL THEN '' ELSE provider || '/' || model END`;
const BUCKET = `lpad((SELECT count(*) FROM unnest('{${LATENCY_BOUNDS_MS.join(',')}}'::int[]) AS bound WHERE bound < duration_ms)::text, 2, '0')`;
const UNPRICED = `price_version IS NULL AND input_tokens + cache_read_tokens + cache_write_5m_tokens + cache_write_1h_tokens
  + output_tokens + audio_input_tokens + audio_output_tokens + image_tokens > 0`;
const TAGS = `, jsonb_each_text(tags) AS tag`;

interface Series {
  readonly subject?: string;
  readonly value?: string;
  readonly join?: string;
  readonly where?: string;
  readonly daysOnly?: true;
}

const SERIES: Readonly<Record<string, Series>> = {
  total: {},
  model: { value: PLACE },
  team: { value: 'tenant' },
  tag: { value: `tag.key || '=' || tag.value`, join: TAGS },
  template: { value: 'template', where: 'template IS NOT NULL' },
  outcome: { value: 'coalesce(error_kind, ending)' },
  latency: { value: BUCKET, where: `ending = 'complete'` },
  model_latency: { value: `${BUCKET} || ' ' || ${PLACE}`, where: `ending = 'complete'` },
  unpriced: { value: PLACE, where: UNPRICED },
  key: { subject: 'key_id' },
  key_model: { subject: 'key_id', value: PLACE, daysOnly: true },
  key_user: { subject: 'key_id', value: `coalesce(user_id, '')`, daysOnly: true },
  key_tag: { subject: 'key_id', value: `tag.key || '=' || tag.value`, join: TAGS, daysOnly: true },
  key_template: { subject: 'key_id', value: 'template', where: 'template IS NOT NULL', daysOnly: true },
  user: { subject: 'user_id', value: 'tenant', where: 'user_id IS NOT NULL', daysOnly: true },
  user_model: { subject: 'user_id', value: `tenant || ' ' || ${PLACE}`, where: 'user_id IS NOT NULL', daysOnly: true },
};

/** Makes all roll-ups what the ledger's rows say, by plain sums of them. */
export async function fillUsageCells(url: string): Promise<void> {
  const fills = Object.entries(SERIES).flatMap(([name, series]) => [
    fill('usage_days', name, series, `date_trunc('day', admitted_at, 'UTC')`),
    ...(series.daysOnly ? [] : [fill('usage_quarters', name, series, `date_bin('15 minutes', admitted_at, '2000-01-01T00:00:00Z')`)]),
  ]);
  await query(url, ['TRUNCATE usage_days, usage_quarters', ...fills].join(';\n'));
}

function fill(table: string, name: string, { subject = `''`, value = `''`, join = '', where = 'true' }: Series, at: string): string {
  return `INSERT INTO ${table}
    SELECT '${name}', ${subject}, ${at}, ${value}, count(*), count(*) FILTER (WHERE ending NOT IN ('complete', 'client_gone')),
      count(*) FILTER (WHERE ${UNPRICED}), sum(input_tokens), sum(cache_read_tokens), sum(cache_write_5m_tokens), sum(cache_write_1h_tokens),
      sum(output_tokens), sum(reasoning_tokens), sum(audio_input_tokens), sum(audio_output_tokens), sum(image_tokens),
      sum(cost_nano_usd), coalesce(sum(provider_cost_nano_usd), 0)
    FROM ledger${join} WHERE ${where} GROUP BY 2, 3, 4`;
}
