/** Sums stay below what a BIGINT holds, as the ledger writes them. */
const MOST = '9223372036854775807';

/** `FOR VALUES FROM ('2026-11-01 00:00:00+00') TO (…)`; the default partition has none. */
const FIRST_MOMENT = `substring(pg_get_expr(part.relpartbound, part.oid) FROM $$FROM \\('([^']+)'\\)$$)::timestamptz`;

/** The parts of the ledger by their names as SQL takes them, the oldest first, and the default one, which has no beginning, last. */
export const PARTITIONS = `
  SELECT part.oid::regclass::text AS name, ${FIRST_MOMENT} IS NULL AS "isDefault"
  FROM pg_inherits JOIN pg_class part ON part.oid = inhrelid
  WHERE inhparent = 'ledger'::regclass ORDER BY ${FIRST_MOMENT} NULLS LAST`;

export const CHARGED_PRICES = 'SELECT id, base, tiers FROM charged_prices';

/**
 * What is left to compare of each budget. Rows of before the oldest month may have been deleted, with their month, and sums of rolling
 * budgets are deleted when they have long left the window.
 */
const BUDGETS = `
  horizon AS (
    SELECT min(${FIRST_MOMENT}) AS at FROM pg_inherits JOIN pg_class part ON part.oid = inhrelid WHERE inhparent = 'ledger'::regclass
  ),
  budget AS MATERIALIZED (
    SELECT budgets.id, name, since AS begun, GREATEST(since, horizon.at) AS since
    FROM budgets, horizon, LATERAL (
      SELECT GREATEST(counts_from, CASE period WHEN 'rolling' THEN now() - interval '1 day' - window_seconds * interval '1 second' END) AS since
    ) AS counted
  )`;

/** A call is charged to the period of its admission by the clock of whoever admits, which may be ahead of the one that dates its row. */
const SKEW = "interval '1 day'";

/** The sums of budgets by their rows, and as they are kept: one statement, so that both are of one instant. */
export const COMPARED_SUMS = `
  WITH ${BUDGETS},
  told AS (
    SELECT budget.id, split_part(ref, '@', 2)::bigint AS bucket, LEAST(sum(cost_nano_usd), ${MOST})::bigint AS spent
    FROM ledger CROSS JOIN unnest(budgets) AS ref JOIN budget ON budget.id::text = split_part(ref, '@', 1)
    WHERE admitted_at >= (SELECT min(since) FROM budget) - ${SKEW}
      AND split_part(ref, '@', 2)::bigint >= round(extract(epoch FROM budget.since) * 1000)
    GROUP BY 1, 2
  ),
  kept AS (
    SELECT budget_id AS id, round(extract(epoch FROM bucket) * 1000)::bigint AS bucket, spent_nano_usd AS spent
    FROM budget_spend JOIN budget ON budget.id = budget_id WHERE bucket >= since
  ),
  compared AS MATERIALIZED (
    SELECT id, bucket, COALESCE(told.spent, 0) AS told, COALESCE(kept.spent, 0) AS kept FROM told FULL JOIN kept USING (id, bucket)
  ),
  differing AS (
    SELECT compared.*, budget.name FROM compared JOIN budget USING (id) WHERE told <> kept ORDER BY id, bucket
  )
  SELECT (SELECT count(*) FROM compared) AS compared,
    (SELECT count(*) FROM budget_spend JOIN budget ON budget.id = budget_id WHERE bucket >= begun AND bucket < since) AS passed,
    (SELECT COALESCE(json_agg(json_build_object('budgetId', id, 'budget', name, 'bucketMs', bucket,
      'byRows', told::text, 'kept', kept::text)), '[]') FROM differing) AS differing`;

/** Kept until the transaction ends: nobody deletes or resets the budget meanwhile. */
export const LOCK_BUDGET = 'SELECT id FROM budgets WHERE id = $1::uuid FOR UPDATE';

/** Parameters of these three: a budget, and what its buckets lack, as JSON. */
const LACKING = `(SELECT to_timestamp(bucket / 1000.0)::timestamptz(3) AS bucket, lacking
  FROM json_to_recordset($2::json) AS given(bucket bigint, lacking numeric)) AS lacking`;

export const MAKE_SUMS = `
  INSERT INTO budget_spend (budget_id, bucket, spent_nano_usd) SELECT $1::uuid, bucket, 0 FROM ${LACKING} ORDER BY bucket
  ON CONFLICT DO NOTHING`;

/** In the order in which the ledger writes them, so that neither locks the other out. */
export const LOCK_SUMS = `
  SELECT FROM budget_spend WHERE budget_id = $1::uuid AND bucket IN (SELECT bucket FROM ${LACKING}) ORDER BY bucket FOR UPDATE`;

/**
 * Adds what sums were found to lack. Rows that were written since have been added by whoever wrote them, and stay so: what is wrong
 * with a sum is the same before and after.
 */
export const MEND_SUMS = `
  UPDATE budget_spend AS known SET spent_nano_usd = LEAST(GREATEST(known.spent_nano_usd + lacking.lacking, 0), ${MOST})::bigint
  FROM ${LACKING} WHERE known.budget_id = $1::uuid AND known.bucket = lacking.bucket`;

const INPUT_TOKENS = `(entry.input_tokens::bigint + entry.cache_read_tokens + entry.cache_write_5m_tokens + entry.cache_write_1h_tokens
  + entry.audio_input_tokens + entry.image_tokens)`;

/** What has a price of its own, of the tokens of output. */
const REASONING_TOKENS = 'LEAST(entry.reasoning_tokens, entry.output_tokens)';

const PICO_USD = `(entry.input_tokens * rate.input + entry.cache_read_tokens * rate."cacheRead"
  + entry.cache_write_5m_tokens * rate."cacheWrite5m" + entry.cache_write_1h_tokens * rate."cacheWrite1h"
  + entry.output_tokens * rate.output + entry.audio_input_tokens * rate."audioInput"
  + entry.audio_output_tokens * rate."audioOutput" + entry.image_tokens * rate.image
  + ${REASONING_TOKENS} * (COALESCE(rate.reasoning, rate.output) - rate.output)
  + CASE WHEN ${INPUT_TOKENS} + entry.output_tokens + entry.audio_output_tokens > 0 THEN rate.request ELSE 0 END)`;

/** Half to even, as `divideHalfEven`. */
const ROUNDED = `quotient + CASE
  WHEN 2 * (dividend - quotient * divisor) > divisor THEN 1
  WHEN 2 * (dividend - quotient * divisor) = divisor AND mod(quotient, 2) = 1 THEN 1 ELSE 0 END`;

/** What a provider said, and what its failures cost, may have been charged too, as the configuration of that day wanted it. */
const VERDICT = `CASE
  WHEN "priceId" IS NULL THEN 'unpriced'
  WHEN usage_source = 'estimated' THEN 'estimated'
  WHEN dividend IS NULL THEN 'price'
  WHEN input_tokens <= COALESCE("tierAbove", -1) OR input_tokens > COALESCE(up_to, input_tokens) THEN 'tier'
  WHEN charged IN (expected, LEAST(expected + failed, ${MOST})) THEN 'same'
  WHEN charged IN (reported, reported + failed) THEN 'reported'
  ELSE 'cost' END`;

/**
 * What is to be said of each row of one part of the ledger. `OFFSET 0` keeps steps apart: put into one another, the planner would have
 * each amount worked out ten times. Parameters, as JSON: rates with the tiers that they hold in, and factors by
 * service tier.
 */
const JUDGED = (partition: string): string => `
  WITH rate AS MATERIALIZED (
    SELECT * FROM json_to_recordset($1::json) AS rate("priceId" text, "tierAbove" int, "upTo" bigint, input numeric, "cacheRead" numeric,
      "cacheWrite5m" numeric, "cacheWrite1h" numeric, output numeric, "audioInput" numeric, "audioOutput" numeric, image numeric,
      reasoning numeric, request numeric)
  ),
  factor AS MATERIALIZED (
    SELECT * FROM json_to_recordset($2::json) AS factor("priceId" text, "serviceTier" text, numerator numeric, denominator numeric)
  ),
  entry AS (
    SELECT entry.admitted_at, entry.call_id, entry.price_id AS "priceId", entry.tier_above AS "tierAbove", entry.usage_source,
      entry.service_tier AS "serviceTier", entry.cost_nano_usd AS charged, entry.provider_cost_nano_usd AS reported,
      entry.failed_cost_nano_usd AS failed, ${INPUT_TOKENS} AS input_tokens, rate."upTo" AS up_to,
      ${PICO_USD} * COALESCE(factor.numerator, 1) AS dividend, 1000 * COALESCE(factor.denominator, 1) AS divisor
    FROM ${partition} AS entry
    LEFT JOIN rate ON rate."priceId" = entry.price_id AND COALESCE(rate."tierAbove", -1) = COALESCE(entry.tier_above, -1)
    LEFT JOIN factor ON factor."priceId" = entry.price_id AND factor."serviceTier" = entry.service_tier
    OFFSET 0
  ),
  divided AS (SELECT *, div(dividend, divisor) AS quotient FROM entry OFFSET 0),
  computed AS (SELECT *, LEAST(${ROUNDED}, ${MOST}) AS expected FROM divided OFFSET 0),
  judged AS (SELECT *, ${VERDICT} AS verdict FROM computed)`;

/** How many rows of a part of the ledger there is what to be said of. */
export function verdictsOf(partition: string): string {
  return `${JUDGED(partition)} SELECT verdict, count(*)::int AS rows FROM judged GROUP BY verdict`;
}

/** The rows of a part of the ledger that something is wrong with, the oldest first; parameter 3: how many at most. */
export function differencesOf(partition: string): string {
  return `${JUDGED(partition)}
    SELECT admitted_at AS "admittedAt", call_id::text AS "callId", verdict, "priceId", "tierAbove", "serviceTier",
      charged::text AS charged, expected::text AS expected
    FROM judged WHERE verdict IN ('price', 'tier', 'cost') ORDER BY admitted_at, call_id LIMIT $3`;
}
