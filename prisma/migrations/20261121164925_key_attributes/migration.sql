-- AlterTable
ALTER TABLE "api_keys" ADD COLUMN     "concurrency" INTEGER,
ADD COLUMN     "disabled" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "ip_allow" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "models" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "previous_ends_at" TIMESTAMPTZ(3),
ADD COLUMN     "previous_hash" BYTEA,
ADD COLUMN     "requests_per_hour" INTEGER,
ADD COLUMN     "requests_per_minute" INTEGER,
ADD COLUMN     "rotated_at" TIMESTAMPTZ(3),
ADD COLUMN     "routes" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
ADD COLUMN     "tags" JSONB NOT NULL DEFAULT '{}',
ADD COLUMN     "tokens_per_minute" INTEGER;
