import { Injectable } from '@nestjs/common';
import { PrismaService } from '../../platform/index.js';
import type { OrphanedHold } from '../admission-store.js';

/** Both in one step, so that a batch costs one commit. */
const WRITE = `
  WITH over AS (DELETE FROM intents WHERE call_id = ANY ($2::uuid[]))
  INSERT INTO intents (call_id, owner, tenant, memo, tokens, cost_nano_usd)
  SELECT call_id, owner, tenant, memo, tokens, cost_nano_usd FROM json_populate_recordset(null::intents, $1::json)
  ON CONFLICT DO NOTHING`;

/** What is left of one process by the time another begins: as many as calls were in flight. */
const MOST = 10_000;

/** A call that is about to go out, and whose it is. */
export interface Intent extends OrphanedHold {
  readonly owner: string;
}

/** The calls under way of gateways without Redis. */
@Injectable()
export class IntentsStore {
  constructor(private readonly prisma: PrismaService) {}

  /** Notes what begins and forgets what is over. Resolves when it is durable. */
  async write(begun: readonly Intent[], over: readonly string[]): Promise<void> {
    const rows = begun.map(({ callId, owner, tenant, memo, worst }) => {
      // As text: a number of JSON that is so large comes through, but not through `JSON.stringify`.
      return { call_id: callId, owner, tenant, memo, tokens: worst.tokens, cost_nano_usd: String(worst.costNanoUsd) };
    });
    await this.prisma.queryPlain(WRITE, [JSON.stringify(rows), `{${over.join(',')}}`]);
  }

  /** What others than `owner` have left. */
  async leftByOthers(owner: string): Promise<readonly OrphanedHold[]> {
    const rows = await this.prisma.intent.findMany({ where: { owner: { not: owner } }, take: MOST });
    return rows.map(({ callId, tenant, memo, tokens, costNanoUsd }) => {
      return { callId, tenant, memo, worst: { tokens: Number(tokens), costNanoUsd } };
    });
  }
}
