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

/** Whose number is the last one that was the only process. */
const HOLDER = 'only_process';

/** A call that is about to go out, and whose it is. */
export interface Intent extends OrphanedHold {
  readonly owner: string;
}

/** The calls under way of gateways without Redis. */
@Injectable()
export class IntentsStore {
  /** Seen, and perhaps written over by an attempt of which nobody heard again. */
  private wasOther = false;

  constructor(private readonly prisma: PrismaService) {}

  /** Notes what begins and forgets what is over. Resolves when it is durable. */
  async write(begun: readonly Intent[], over: readonly string[]): Promise<void> {
    const rows = begun.map(({ callId, owner, tenant, memo, worst }) => {
      // As text: a number of JSON that is so large comes through, but not through `JSON.stringify`.
      return { call_id: callId, owner, tenant, memo, tokens: worst.tokens, cost_nano_usd: String(worst.costNanoUsd) };
    });
    await this.prisma.queryPlain(WRITE, [JSON.stringify(rows), `{${over.join(',')}}`]);
  }

  /** Notes that `owner` is the only process now. Resolves with whether another was since it was last noted. */
  async take(owner: string): Promise<boolean> {
    const value = numberOf(owner);
    const known = await this.prisma.revision.findUnique({ where: { name: HOLDER } });
    const isOther = known?.value !== value;
    this.wasOther ||= isOther;
    if (isOther) await this.prisma.revision.upsert({ where: { name: HOLDER }, create: { name: HOLDER, value }, update: { value } });
    const wasOther = this.wasOther;
    this.wasOther = false;
    return wasOther;
  }

  /** What others than `owner` have left. */
  async leftByOthers(owner: string): Promise<readonly OrphanedHold[]> {
    const rows = await this.prisma.intent.findMany({ where: { owner: { not: owner } }, take: MOST });
    return rows.map(({ callId, tenant, memo, tokens, costNanoUsd }) => {
      return { callId, tenant, memo, worst: { tokens: Number(tokens), costNanoUsd } };
    });
  }
}

/** The random end of its id. */
function numberOf(owner: string): bigint {
  return BigInt(`0x${owner.replaceAll('-', '').slice(-15)}`);
}
