import type { Prisma } from './generated/client.js';

/** A transaction under way, or `PrismaService` itself, which makes one of each statement. */
export type Transaction = Prisma.TransactionClient;
