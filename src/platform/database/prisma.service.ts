import { Injectable, type OnModuleInit } from '@nestjs/common';
import { PrismaPg } from '@prisma/adapter-pg';
import { Database } from './database.js';
import { PrismaClient } from './generated/client.js';

/**
 * Typed access to the database. The connections are those of `Database`, which closes them when everything else has shut down:
 * calls are settled to the last moment. Only a `*.store.ts` may ask for it.
 */
@Injectable()
export class PrismaService extends PrismaClient implements OnModuleInit {
  constructor(private readonly database: Database) {
    super({ adapter: new PrismaPg(database.pool) });
  }

  /** The first query loads the query compiler, which takes 130 ms: that is not to be some caller's wait. */
  async onModuleInit(): Promise<void> {
    const warm = this.database.whenReachable.then(() => this.apiKey.findUnique({ where: { publicId: '' } })).catch(() => undefined);
    if (this.database.isReachable) await warm;
  }
}
