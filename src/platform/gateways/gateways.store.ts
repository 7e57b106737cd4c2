import { Injectable } from '@nestjs/common';
import { PrismaService } from '../database/prisma.service.js';

/** A gateway that has said nothing for so long is dead. */
const SILENCE_S = 15;
const FORGET_S = 86_400;

/** The gateways on this database. Time is the database's own: theirs need not agree. */
@Injectable()
export class GatewaysStore {
  constructor(private readonly prisma: PrismaService) {}

  /** Says that this one lives, forgets those that have long been dead, and answers with how many live, this one included. */
  async beat(id: string): Promise<number> {
    const [row] = await this.prisma.$queryRaw<readonly { readonly living: bigint }[]>`
      WITH forgotten AS (
        DELETE FROM gateways WHERE seen_at < clock_timestamp() - make_interval(secs => ${FORGET_S}) AND id <> ${id}::uuid
      ), beat AS (
        INSERT INTO gateways (id, started_at, seen_at) VALUES (${id}::uuid, clock_timestamp(), clock_timestamp())
        ON CONFLICT (id) DO UPDATE SET seen_at = EXCLUDED.seen_at
      )
      SELECT 1 + count(*) AS living FROM gateways
      WHERE id <> ${id}::uuid AND seen_at >= clock_timestamp() - make_interval(secs => ${SILENCE_S})`;
    return Number(row!.living);
  }

  /** Rejects where the database is away. */
  async findLiving(): Promise<readonly string[]> {
    const rows = await this.prisma.$queryRaw<readonly { readonly id: string }[]>`
      SELECT id::text AS id FROM gateways WHERE seen_at >= clock_timestamp() - make_interval(secs => ${SILENCE_S})`;
    return rows.map(({ id }) => id);
  }

  async remove(id: string): Promise<void> {
    await this.prisma.$executeRaw`DELETE FROM gateways WHERE id = ${id}::uuid`;
  }
}
