import { COUNTED_COLUMNS, countInCells } from '../rollups/cells.sql.js';

/** What a line leaves out where there is none of it; a count of tokens or money that is left out is 0. */
const COUNTS = [
  'cache_read_tokens',
  'cache_write_5m_tokens',
  'cache_write_1h_tokens',
  'reasoning_tokens',
  'audio_input_tokens',
  'audio_output_tokens',
  'image_tokens',
  'failed_cost_nano_usd',
];

/** Named, so that a column added later keeps its default while replicas of two versions write. */
const COLUMNS = `
  admitted_at, call_id, request_id, key_id, tenant, user_id, surface, streamed, model_asked, provider, model, status, ending,
  error_kind, input_tokens, output_tokens, usage_source, cost_nano_usd, provider_cost_nano_usd, price_version,
  price_id, tier_above, service_tier, duration_ms, first_token_ms, overhead_us, attempts, budgets, tags, template`;

const ALL_COLUMNS = `${COLUMNS}, ${COUNTS.join(', ')}`;
const VALUES = `${COLUMNS}, ${COUNTS.map((count) => `COALESCE(${count}, 0)`).join(', ')}`;
const INCOMING = 'incoming AS MATERIALIZED (SELECT * FROM json_populate_recordset(null::ledger, $1::json))';

/** A budget by its id, and the bucket that a cost belongs to, of the `<id>@<epoch milliseconds>` in a row. */
const BUDGET = "split_part(ref, '@', 1)::uuid";
const BUCKET = "to_timestamp(split_part(ref, '@', 2)::bigint / 1000.0)";

/** A provider may report nonsense, and a row must still be written: sums stay below what a BIGINT holds. */
const MOST = '9223372036854775807';
const SUM_OF = (what: string): string => `LEAST(sum(${what}), ${MOST})::bigint`;
const ADD = `ON CONFLICT (budget_id, bucket) DO UPDATE
      SET spent_nano_usd = LEAST(known.spent_nano_usd::numeric + excluded.spent_nano_usd, ${MOST})::bigint`;

/** Rising with time, like every id (`makeId`): what is read in the order of its ids is read in the order of its coming. */
const NEW_ID = `(lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7' ||
  substr(md5(gen_random_uuid()::text), 1, 3) || '8' || substr(md5(gen_random_uuid()::text), 1, 15))::uuid`;

/** All that a rolling budget's window holds besides the bucket that was just written, which this statement cannot see yet. */
const REST_OF_WINDOW = `COALESCE((SELECT sum(other.spent_nano_usd) FROM budget_spend other
  WHERE budget.period = 'rolling' AND other.budget_id = budget.id AND other.bucket <> written.bucket
    AND other.bucket >= budget.counts_from AND other.bucket > written.bucket - budget.window_seconds * interval '1 second'), 0)`;

/** An occasion for each period, or for each length of a rolling window. */
const OCCASION = `format('budget:%s:%s:%s', budget.id, CASE budget.period
  WHEN 'rolling' THEN (floor(extract(epoch FROM spent.bucket) / budget.window_seconds) * budget.window_seconds * 1000)::bigint
  ELSE (extract(epoch FROM spent.bucket) * 1000)::bigint END, threshold)`;

/** What people call a team or a key; others are called what they are. */
const SUBJECT_NAME = `CASE budget.scope WHEN 'team' THEN (SELECT name FROM teams WHERE id::text = budget.subject)
  WHEN 'key' THEN (SELECT name FROM api_keys WHERE id::text = budget.subject) END`;

const FACTS = `jsonb_build_object('budget_id', budget.id, 'budget', budget.name, 'scope', budget.scope, 'tenant', budget.tenant,
  'subject', budget.subject, 'subject_name', ${SUBJECT_NAME}, 'period', budget.period, 'time_zone', budget.time_zone, 'since', to_char(spent.bucket AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"'),
  'threshold', threshold, 'spent_nano_usd', spent.total::text, 'limit_nano_usd', budget.limit_nano_usd::text)`;

/**
 * Rows, what they add to the sums of their budgets and to the cells that reports are read from, and the alerts of those that have
 * reached a threshold by it: all or nothing. All are written in the order of their keys, so that batches that meet do not lock each other
 * out; of one call what happened comes before what was guessed. Answers the calls that had a row.
 */
export const INSERT = `
  WITH ${INCOMING},
  inserted AS (
    INSERT INTO ledger (${ALL_COLUMNS}) SELECT ${VALUES} FROM incoming ORDER BY admitted_at, call_id, ending = 'interrupted'
    ON CONFLICT DO NOTHING RETURNING call_id, budgets, ${COUNTED_COLUMNS.join(', ')}
  ),
  written AS (
    INSERT INTO budget_spend AS known (budget_id, bucket, spent_nano_usd)
    SELECT ${BUDGET}, ${BUCKET}, ${SUM_OF('cost_nano_usd')} FROM inserted, unnest(budgets) AS ref GROUP BY 1, 2 ORDER BY 1, 2
    ${ADD}
    RETURNING budget_id, bucket, spent_nano_usd
  ),
  alerted AS (
    INSERT INTO alerts (id, at, kind, occasion, facts)
    SELECT ${NEW_ID}, clock_timestamp(), 'budget_threshold', ${OCCASION}, ${FACTS}
    FROM written JOIN budgets budget ON budget.id = written.budget_id
    CROSS JOIN LATERAL (SELECT written.bucket, written.spent_nano_usd + ${REST_OF_WINDOW} AS total) AS spent
    CROSS JOIN unnest(budget.thresholds) AS threshold
    WHERE budget.limit_nano_usd > 0 AND spent.total * 100 >= budget.limit_nano_usd::numeric * threshold
    ON CONFLICT (occasion) DO NOTHING
  ),
  ${countInCells({ relation: 'inserted', after: 'written' })}
  SELECT call_id::text FROM incoming WHERE call_id NOT IN (SELECT call_id FROM inserted)`;

const columnsOf = (relation: string): string => COUNTED_COLUMNS.map((column) => `${relation}.${column}`).join(', ');

/**
 * What really happened instead of what was guessed; the sums of the budgets and the cells change by the difference, also where that
 * means other cells.
 */
export const REPLACE_INTERRUPTED = `
  WITH ${INCOMING},
  real AS MATERIALIZED (
    SELECT DISTINCT ON (admitted_at, call_id) * FROM incoming WHERE ending <> 'interrupted' ORDER BY admitted_at, call_id
  ),
  guessed AS MATERIALIZED (
    SELECT ledger.call_id, ledger.budgets, ${columnsOf('ledger')} FROM ledger JOIN real USING (admitted_at, call_id)
    WHERE ledger.ending = 'interrupted' ORDER BY admitted_at, call_id FOR UPDATE OF ledger
  ),
  replaced AS (
    UPDATE ledger SET (${ALL_COLUMNS}) = (SELECT ${VALUES} FROM real
      WHERE real.admitted_at = ledger.admitted_at AND real.call_id = ledger.call_id)
    FROM guessed WHERE ledger.admitted_at = guessed.admitted_at AND ledger.call_id = guessed.call_id
    RETURNING ledger.call_id, guessed.budgets, ledger.cost_nano_usd - guessed.cost_nano_usd AS difference, ${columnsOf('ledger')}
  ),
  changed AS (
    SELECT -1 AS sign, ${columnsOf('guessed')} FROM guessed UNION ALL SELECT 1, ${columnsOf('replaced')} FROM replaced
  ),
  written AS (
    INSERT INTO budget_spend AS known (budget_id, bucket, spent_nano_usd)
    SELECT ${BUDGET}, ${BUCKET}, ${SUM_OF('difference')} FROM replaced, unnest(budgets) AS ref GROUP BY 1, 2 ORDER BY 1, 2
    ${ADD}
    RETURNING budget_id
  ),
  ${countInCells({ relation: 'changed', sign: 'sign', after: 'written' })}
  SELECT call_id::text FROM replaced`;

export const COSTS_OF = `
  SELECT call_id::text, cost_nano_usd::text
  FROM json_to_recordset($1::json) AS named(admitted_at timestamptz, call_id uuid) JOIN ledger USING (admitted_at, call_id)`;
