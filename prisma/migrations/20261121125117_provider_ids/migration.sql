-- AlterTable
ALTER TABLE "api_keys" ADD COLUMN     "allow_provider_state" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "provider_ids" (
    "kind" TEXT NOT NULL,
    "id" TEXT NOT NULL,
    "provider" TEXT NOT NULL,
    "account" TEXT NOT NULL,
    "tenant" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "provider_ids_pkey" PRIMARY KEY ("kind","id","provider","account")
);
