-- AlterTable
ALTER TABLE "ledger" ADD COLUMN     "template" TEXT;

-- CreateIndex
CREATE INDEX "webhook_deliveries_alert_id_idx" ON "webhook_deliveries"("alert_id");

-- Names are compared byte by byte, in whatever language the database sorts.
-- Sums over a quarter of an hour, and over a day of UTC. What is read together lies together: the series of few rows in one partition,
-- each of the large ones in its own.
CREATE TABLE "usage_quarters" (
    "series" TEXT COLLATE "C" NOT NULL,
    "subject" TEXT COLLATE "C" NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "value" TEXT COLLATE "C" NOT NULL,
    "requests" BIGINT NOT NULL,
    "errors" BIGINT NOT NULL,
    "unpriced" BIGINT NOT NULL,
    "input_tokens" BIGINT NOT NULL,
    "cache_read_tokens" BIGINT NOT NULL,
    "cache_write_5m_tokens" BIGINT NOT NULL,
    "cache_write_1h_tokens" BIGINT NOT NULL,
    "output_tokens" BIGINT NOT NULL,
    "reasoning_tokens" BIGINT NOT NULL,
    "audio_input_tokens" BIGINT NOT NULL,
    "audio_output_tokens" BIGINT NOT NULL,
    "image_tokens" BIGINT NOT NULL,
    "cost_nano_usd" BIGINT NOT NULL,
    "provider_cost_nano_usd" BIGINT NOT NULL,

    CONSTRAINT "usage_quarters_pkey" PRIMARY KEY ("series","subject","at","value")
) PARTITION BY LIST ("series");

CREATE TABLE "usage_quarters_key" PARTITION OF "usage_quarters" FOR VALUES IN ('key') WITH (fillfactor = 80);
CREATE TABLE "usage_quarters_other" PARTITION OF "usage_quarters" DEFAULT WITH (fillfactor = 80);

CREATE TABLE "usage_days" (
    LIKE "usage_quarters" INCLUDING DEFAULTS,

    CONSTRAINT "usage_days_pkey" PRIMARY KEY ("series","subject","at","value")
) PARTITION BY LIST ("series");

CREATE TABLE "usage_days_key" PARTITION OF "usage_days" FOR VALUES IN ('key') WITH (fillfactor = 80);
CREATE TABLE "usage_days_key_model" PARTITION OF "usage_days" FOR VALUES IN ('key_model') WITH (fillfactor = 80);
CREATE TABLE "usage_days_key_user" PARTITION OF "usage_days" FOR VALUES IN ('key_user') WITH (fillfactor = 80);
CREATE TABLE "usage_days_key_tag" PARTITION OF "usage_days" FOR VALUES IN ('key_tag', 'key_template') WITH (fillfactor = 80);
CREATE TABLE "usage_days_user" PARTITION OF "usage_days" FOR VALUES IN ('user') WITH (fillfactor = 80);
CREATE TABLE "usage_days_user_model" PARTITION OF "usage_days" FOR VALUES IN ('user_model') WITH (fillfactor = 80);
CREATE TABLE "usage_days_other" PARTITION OF "usage_days" DEFAULT WITH (fillfactor = 80);

-- What was spent lately, by whom: the keys of these partitions begin with a name.
CREATE INDEX "usage_days_key_at_idx" ON "usage_days_key"("at");
CREATE INDEX "usage_days_user_at_idx" ON "usage_days_user"("at");

-- What was said in a call, sealed. Partitioned by day, so that it goes on time; what no day was made for lies in `bodies_default`.
CREATE TABLE "bodies" (
    "admitted_at" TIMESTAMPTZ(3) NOT NULL,
    "call_id" UUID NOT NULL,
    "secret_id" TEXT NOT NULL,
    "request" BYTEA,
    "answer" BYTEA,

    CONSTRAINT "bodies_pkey" PRIMARY KEY ("admitted_at","call_id")
) PARTITION BY RANGE ("admitted_at");

CREATE TABLE "bodies_default" PARTITION OF "bodies" DEFAULT;

-- The sums of the rows that are there.
CREATE TEMP VIEW "counted_rows" AS
SELECT
    "admitted_at", "key_id", "tenant", "user_id", "template", "tags",
    COALESCE("provider" || '/' || "model", '') AS "model",
    COALESCE("error_kind", "ending") AS "outcome",
    CASE WHEN "ending" = 'complete' THEN
        lpad(width_bucket("duration_ms", '{6,8,11,15,21,29,41,57,81,114,161,227,321,453,641,906,1281,1811,2561,3621,5121,7241,10241,14482,20481,28964,40961,57927,81921,115853,163841,231705,327681,463410,655361}'::int[])::text, 2, '0')
    END AS "latency",
    CASE WHEN "ending" IN ('complete', 'client_gone') THEN 0 ELSE 1 END AS "errors",
    CASE WHEN "price_version" IS NULL AND "input_tokens"::bigint + "cache_read_tokens" + "cache_write_5m_tokens" + "cache_write_1h_tokens"
        + "output_tokens" + "audio_input_tokens" + "audio_output_tokens" + "image_tokens" > 0 THEN 1 ELSE 0 END AS "unpriced",
    "input_tokens", "cache_read_tokens", "cache_write_5m_tokens", "cache_write_1h_tokens", "output_tokens", "reasoning_tokens",
    "audio_input_tokens", "audio_output_tokens", "image_tokens",
    "cost_nano_usd", COALESCE("provider_cost_nano_usd", 0) AS "provider_cost_nano_usd"
FROM "ledger"
-- Each expression is worked out once for a row.
OFFSET 0;

INSERT INTO "usage_quarters"
SELECT cell.series, cell.subject, date_bin('15 minutes', entry."admitted_at", '2000-01-01+00'), cell.value,
    count(*), sum(entry."errors"), sum(entry."unpriced"),
    sum(entry."input_tokens"), sum(entry."cache_read_tokens"), sum(entry."cache_write_5m_tokens"), sum(entry."cache_write_1h_tokens"),
    sum(entry."output_tokens"), sum(entry."reasoning_tokens"), sum(entry."audio_input_tokens"), sum(entry."audio_output_tokens"),
    sum(entry."image_tokens"),
    LEAST(sum(entry."cost_nano_usd"), 9223372036854775807)::bigint, LEAST(sum(entry."provider_cost_nano_usd"), 9223372036854775807)::bigint
FROM "counted_rows" AS entry CROSS JOIN LATERAL (
    SELECT * FROM (
        VALUES
            ('total', '', ''),
            ('model', '', entry."model"),
            ('team', '', entry."tenant"),
            ('template', '', entry."template"),
            ('outcome', '', entry."outcome"),
            ('latency', '', entry."latency"),
            ('model_latency', '', entry."latency" || ' ' || entry."model"),
            ('unpriced', '', CASE entry."unpriced" WHEN 1 THEN entry."model" END),
            ('key', entry."key_id", '')
    ) AS each(series, subject, value)
    WHERE subject IS NOT NULL AND value IS NOT NULL
    UNION ALL
    SELECT 'tag', '', tag.name || '=' || tag.value
    FROM jsonb_each_text(CASE jsonb_typeof(entry."tags") WHEN 'object' THEN entry."tags" END) AS tag(name, value)
) AS cell
GROUP BY 1, 2, 3, 4;

INSERT INTO "usage_days"
SELECT cell.series, cell.subject, date_bin('1 day', entry."admitted_at", '2000-01-01+00'), cell.value,
    count(*), sum(entry."errors"), sum(entry."unpriced"),
    sum(entry."input_tokens"), sum(entry."cache_read_tokens"), sum(entry."cache_write_5m_tokens"), sum(entry."cache_write_1h_tokens"),
    sum(entry."output_tokens"), sum(entry."reasoning_tokens"), sum(entry."audio_input_tokens"), sum(entry."audio_output_tokens"),
    sum(entry."image_tokens"),
    LEAST(sum(entry."cost_nano_usd"), 9223372036854775807)::bigint, LEAST(sum(entry."provider_cost_nano_usd"), 9223372036854775807)::bigint
FROM "counted_rows" AS entry CROSS JOIN LATERAL (
    SELECT * FROM (
        VALUES
            ('total', '', ''),
            ('model', '', entry."model"),
            ('team', '', entry."tenant"),
            ('template', '', entry."template"),
            ('outcome', '', entry."outcome"),
            ('latency', '', entry."latency"),
            ('model_latency', '', entry."latency" || ' ' || entry."model"),
            ('unpriced', '', CASE entry."unpriced" WHEN 1 THEN entry."model" END),
            ('key', entry."key_id", ''),
            ('key_model', entry."key_id", entry."model"),
            ('key_user', entry."key_id", COALESCE(entry."user_id", '')),
            ('key_template', entry."key_id", entry."template"),
            ('user', entry."user_id", entry."tenant"),
            ('user_model', entry."user_id", entry."tenant" || ' ' || entry."model")
    ) AS each(series, subject, value)
    WHERE subject IS NOT NULL AND value IS NOT NULL
    UNION ALL
    SELECT 'tag', '', tag.name || '=' || tag.value
    FROM jsonb_each_text(CASE jsonb_typeof(entry."tags") WHEN 'object' THEN entry."tags" END) AS tag(name, value)
    UNION ALL
    SELECT 'key_tag', entry."key_id", tag.name || '=' || tag.value
    FROM jsonb_each_text(CASE jsonb_typeof(entry."tags") WHEN 'object' THEN entry."tags" END) AS tag(name, value)
) AS cell
GROUP BY 1, 2, 3, 4;

DROP VIEW "counted_rows";
