-- CreateTable
CREATE TABLE "intents" (
    "call_id" UUID NOT NULL,
    "owner" UUID NOT NULL,
    "tenant" TEXT NOT NULL,
    "memo" TEXT NOT NULL,
    "tokens" BIGINT NOT NULL,
    "cost_nano_usd" BIGINT NOT NULL,

    CONSTRAINT "intents_pkey" PRIMARY KEY ("call_id")
);
