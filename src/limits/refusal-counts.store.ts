import { Injectable } from '@nestjs/common';
import { PrismaService } from '../platform/index.js';

/** So many calls of a key were refused within an hour by one bound. */
export interface RefusalCount {
  /** When the hour begins, epoch milliseconds. */
  readonly hourMs: number;
  readonly keyId: string;
  readonly tenant: string;
  readonly bound: string;
  count: number;
}

/** In the order of the keys, so that two who add do not lock each other out. */
const ADD = `
  INSERT INTO refusals AS known (hour, key_id, tenant, bound, count)
  SELECT hour, key_id, max(tenant), bound, sum(count) FROM json_populate_recordset(null::refusals, $1::json)
  GROUP BY hour, key_id, bound ORDER BY hour, key_id, bound
  ON CONFLICT (hour, key_id, bound) DO UPDATE SET count = known.count + excluded.count`;

@Injectable()
export class RefusalCountsStore {
  constructor(private readonly prisma: PrismaService) {}

  /** All of them, or none. */
  async add(counts: readonly RefusalCount[]): Promise<void> {
    const rows = counts.map(({ hourMs, keyId, tenant, bound, count }) => ({
      hour: new Date(hourMs).toISOString(),
      key_id: storable(keyId),
      tenant: storable(tenant),
      bound: storable(bound),
      count,
    }));
    await this.prisma.queryPlain(ADD, [JSON.stringify(rows)]);
  }
}

/** Postgres takes neither halves of characters nor the character 0, and the key of a JWT is whatever its issuer wrote. */
function storable(text: string): string {
  return Buffer.from(text).toString().replaceAll('\0', '\uFFFD');
}
