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
  private readonly driver: ReturnType<PrismaPg['connect']>;

  constructor(private readonly database: Database) {
    const adapter = new PrismaPg(database.pool);
    super({ adapter });
    this.driver = adapter.connect();
  }

  /**
   * One statement with text parameters, handed to Prisma's driver adapter as it is. Prisma's engine would write its parameters
   * as JSON and read them again, three copies of a batch of ledger rows. Resolves with the rows, each an array of its columns;
   * throws what the adapter reports (`sqlStateOf` reads it).
   */
  async queryPlain(sql: string, args: readonly string[]): Promise<readonly (readonly unknown[])[]> {
    const driver = await this.driver;
    const found = await driver.queryRaw({ sql, args: [...args], argTypes: args.map(() => ({ scalarType: 'string', arity: 'scalar' })) });
    return found.rows;
  }

  /** The first query loads the query compiler, which takes 130 ms: that is not to be some caller's wait. */
  async onModuleInit(): Promise<void> {
    const warm = this.database.whenReachable.then(() => this.apiKey.findUnique({ where: { publicId: '' } })).catch(() => undefined);
    if (this.database.isReachable) await warm;
  }
}
