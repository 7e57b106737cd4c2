-- AlterTable
ALTER TABLE "api_keys" ADD COLUMN     "require_user" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "team_id" UUID;

-- AlterTable
ALTER TABLE "ledger" ADD COLUMN     "budgets" TEXT[],
ADD COLUMN     "tags" JSONB;

-- CreateTable
CREATE TABLE "teams" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "disabled" BOOLEAN NOT NULL DEFAULT false,
    "models" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "requests_per_minute" INTEGER,
    "requests_per_hour" INTEGER,
    "tokens_per_minute" INTEGER,
    "concurrency" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "teams_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "end_users" (
    "id" UUID NOT NULL,
    "tenant" TEXT NOT NULL,
    "user_id" TEXT NOT NULL,
    "name" TEXT,
    "disabled" BOOLEAN NOT NULL DEFAULT false,
    "models" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "requests_per_minute" INTEGER,
    "requests_per_hour" INTEGER,
    "tokens_per_minute" INTEGER,
    "concurrency" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "end_users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "budgets" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "scope" TEXT NOT NULL,
    "tenant" TEXT,
    "subject" TEXT,
    "limit_nano_usd" BIGINT NOT NULL,
    "period" TEXT NOT NULL,
    "window_seconds" INTEGER,
    "time_zone" TEXT NOT NULL DEFAULT 'UTC',
    "thresholds" INTEGER[] DEFAULT ARRAY[50, 80, 100]::INTEGER[],
    "disabled" BOOLEAN NOT NULL DEFAULT false,
    "counts_from" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "budgets_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "budget_spend" (
    "budget_id" UUID NOT NULL,
    "bucket" TIMESTAMPTZ(3) NOT NULL,
    "spent_nano_usd" BIGINT NOT NULL,

    CONSTRAINT "budget_spend_pkey" PRIMARY KEY ("budget_id","bucket")
);

-- CreateTable
CREATE TABLE "alerts" (
    "id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "kind" TEXT NOT NULL,
    "occasion" TEXT NOT NULL,
    "facts" JSONB NOT NULL,
    "routed_at" TIMESTAMPTZ(3),

    CONSTRAINT "alerts_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "webhooks" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "url" TEXT NOT NULL,
    "format" TEXT NOT NULL,
    "secret" TEXT,
    "kinds" TEXT[] DEFAULT ARRAY[]::TEXT[],
    "disabled" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "changed_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "webhooks_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "webhook_deliveries" (
    "id" UUID NOT NULL,
    "alert_id" UUID NOT NULL,
    "webhook_id" UUID NOT NULL,
    "state" TEXT NOT NULL,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_at" TIMESTAMPTZ(3) NOT NULL,
    "last_status" INTEGER,
    "last_error" TEXT,
    "delivered_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "webhook_deliveries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "denied_tokens" (
    "subject" TEXT NOT NULL,
    "reason" TEXT,
    "denied_at" TIMESTAMPTZ(3) NOT NULL,
    "denied_by" TEXT NOT NULL,
    "expires_at" TIMESTAMPTZ(3),

    CONSTRAINT "denied_tokens_pkey" PRIMARY KEY ("subject")
);

-- CreateTable
CREATE TABLE "refusals" (
    "hour" TIMESTAMPTZ(3) NOT NULL,
    "key_id" TEXT NOT NULL,
    "tenant" TEXT NOT NULL,
    "bound" TEXT NOT NULL,
    "count" BIGINT NOT NULL,

    CONSTRAINT "refusals_pkey" PRIMARY KEY ("hour","key_id","bound")
);

-- CreateTable
CREATE TABLE "gateways" (
    "id" UUID NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "seen_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "gateways_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "revisions" (
    "name" TEXT NOT NULL,
    "value" BIGINT NOT NULL,

    CONSTRAINT "revisions_pkey" PRIMARY KEY ("name")
);

-- CreateIndex
CREATE UNIQUE INDEX "teams_name_key" ON "teams"("name");

-- CreateIndex
CREATE UNIQUE INDEX "end_users_tenant_user_id_key" ON "end_users"("tenant", "user_id");

-- CreateIndex
CREATE INDEX "budgets_scope_subject_idx" ON "budgets"("scope", "subject");

-- CreateIndex
CREATE UNIQUE INDEX "alerts_occasion_key" ON "alerts"("occasion");

-- CreateIndex
CREATE INDEX "alerts_routed_at_idx" ON "alerts"("routed_at");

-- CreateIndex
CREATE INDEX "webhook_deliveries_state_next_at_idx" ON "webhook_deliveries"("state", "next_at");

-- CreateIndex
CREATE INDEX "api_keys_team_id_idx" ON "api_keys"("team_id");

-- AddForeignKey
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "teams"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_alert_id_fkey" FOREIGN KEY ("alert_id") REFERENCES "alerts"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_webhook_id_fkey" FOREIGN KEY ("webhook_id") REFERENCES "webhooks"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- Sums are written again and again: room on the page keeps that cheap.
ALTER TABLE "budget_spend" SET (fillfactor = 70);
