-- CreateTable
CREATE TABLE "api_keys" (
    "id" UUID NOT NULL,
    "public_id" TEXT NOT NULL,
    "secret_hash" BYTEA NOT NULL,
    "name" TEXT NOT NULL,
    "role" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,
    "expires_at" TIMESTAMPTZ(3),
    "revoked_at" TIMESTAMPTZ(3),

    CONSTRAINT "api_keys_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "ledger" (
    "admitted_at" TIMESTAMPTZ(3) NOT NULL,
    "call_id" UUID NOT NULL,
    "request_id" TEXT NOT NULL,
    "key_id" TEXT NOT NULL,
    "tenant" TEXT NOT NULL,
    "user_id" TEXT,
    "surface" TEXT NOT NULL,
    "streamed" BOOLEAN NOT NULL,
    "model_asked" TEXT NOT NULL,
    "provider" TEXT,
    "model" TEXT,
    "status" SMALLINT NOT NULL,
    "ending" TEXT NOT NULL,
    "error_kind" TEXT,
    "input_tokens" INTEGER NOT NULL,
    "cache_read_tokens" INTEGER NOT NULL,
    "cache_write_5m_tokens" INTEGER NOT NULL,
    "cache_write_1h_tokens" INTEGER NOT NULL,
    "output_tokens" INTEGER NOT NULL,
    "reasoning_tokens" INTEGER NOT NULL,
    "audio_input_tokens" INTEGER NOT NULL,
    "audio_output_tokens" INTEGER NOT NULL,
    "image_tokens" INTEGER NOT NULL,
    "usage_source" TEXT NOT NULL,
    "cost_nano_usd" BIGINT NOT NULL,
    "provider_cost_nano_usd" BIGINT,
    "price_version" TEXT,
    "duration_ms" INTEGER NOT NULL,
    "first_token_ms" INTEGER,
    "overhead_us" INTEGER NOT NULL,
    "attempts" JSONB NOT NULL,

    CONSTRAINT "ledger_pkey" PRIMARY KEY ("admitted_at","call_id")
);

-- CreateIndex
CREATE UNIQUE INDEX "api_keys_public_id_key" ON "api_keys"("public_id");

-- CreateIndex
CREATE INDEX "ledger_key_id_admitted_at_idx" ON "ledger"("key_id", "admitted_at");

-- CreateIndex
CREATE INDEX "ledger_request_id_idx" ON "ledger"("request_id");
