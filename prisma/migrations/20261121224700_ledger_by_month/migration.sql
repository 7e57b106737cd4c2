-- The ledger by month, so that what is old goes with its partition. Rows that are there move into the months that they belong to.
ALTER TABLE "ledger" RENAME TO "ledger_before";
ALTER TABLE "ledger_before" RENAME CONSTRAINT "ledger_pkey" TO "ledger_before_pkey";
ALTER INDEX "ledger_key_id_admitted_at_idx" RENAME TO "ledger_before_key_id_admitted_at_idx";
ALTER INDEX "ledger_request_id_idx" RENAME TO "ledger_before_request_id_idx";

CREATE TABLE "ledger" (LIKE "ledger_before" INCLUDING DEFAULTS) PARTITION BY RANGE ("admitted_at");
ALTER TABLE "ledger"
    ADD COLUMN     "failed_cost_nano_usd" BIGINT NOT NULL DEFAULT 0,
    ADD COLUMN     "price_id" TEXT,
    ADD COLUMN     "tier_above" INTEGER,
    ADD COLUMN     "service_tier" TEXT,
    ADD CONSTRAINT "ledger_pkey" PRIMARY KEY ("admitted_at","call_id");

-- CreateIndex
CREATE INDEX "ledger_key_id_admitted_at_idx" ON "ledger"("key_id", "admitted_at");

-- CreateIndex
CREATE INDEX "ledger_tenant_user_id_admitted_at_idx" ON "ledger"("tenant", "user_id", "admitted_at");

-- CreateIndex
CREATE INDEX "ledger_request_id_idx" ON "ledger"("request_id");

-- What no month was made for: a row is never lost for want of a place.
CREATE TABLE "ledger_default" PARTITION OF "ledger" DEFAULT;

DO $$
DECLARE
    month timestamptz;
BEGIN
    FOR month IN SELECT DISTINCT date_trunc('month', "admitted_at", 'UTC') FROM "ledger_before" LOOP
        EXECUTE format(
            'CREATE TABLE %I PARTITION OF "ledger" FOR VALUES FROM (%L) TO (%L)',
            'ledger_' || to_char(month AT TIME ZONE 'UTC', 'YYYY_MM'),
            month,
            (month AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC'
        );
    END LOOP;
END
$$;

INSERT INTO "ledger" SELECT * FROM "ledger_before";
DROP TABLE "ledger_before";

-- CreateTable
CREATE TABLE "charged_prices" (
    "id" TEXT NOT NULL,
    "version" TEXT NOT NULL,
    "base" JSONB NOT NULL,
    "tiers" JSONB NOT NULL,
    "charged_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "charged_prices_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "price_overrides" (
    "id" UUID NOT NULL,
    "provider" TEXT,
    "model" TEXT NOT NULL,
    "from" TIMESTAMPTZ(3) NOT NULL,
    "rates" JSONB NOT NULL,
    "tiers" JSONB NOT NULL DEFAULT '[]',
    "origin" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "created_by" TEXT NOT NULL,
    "removed_at" TIMESTAMPTZ(3),

    CONSTRAINT "price_overrides_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "price_overrides_model_from_idx" ON "price_overrides"("model", "from");
