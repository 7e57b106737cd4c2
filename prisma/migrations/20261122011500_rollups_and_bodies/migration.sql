-- AlterTable
ALTER TABLE "ledger" ADD COLUMN     "template" TEXT;

-- CreateIndex
CREATE INDEX "webhook_deliveries_alert_id_idx" ON "webhook_deliveries"("alert_id");

-- Sums over a quarter of an hour, and over a day of UTC. What is read together lies together: the series of few rows in one partition,
-- each of the large ones in its own.
CREATE TABLE "usage_quarters" (
    "series" TEXT NOT NULL,
    "subject" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "value" TEXT NOT NULL,
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
