import { Injectable } from '@nestjs/common';
import { PrismaService } from '../../platform/index.js';
import type { Amounts, OrphanedHold } from '../admission-store.js';

/** Both in one step, so that a batch costs one commit. What is written again is known better by then. */
const WRITE = `
  WITH over AS (DELETE FROM intents WHERE call_id = ANY ($2::uuid[]))
  INSERT INTO intents (call_id, owner, tenant, memo, tokens, cost_nano_usd)
  SELECT call_id, owner, tenant, memo, tokens, cost_nano_usd FROM json_populate_recordset(null::intents, $1::json)
  ON CONFLICT (call_id) DO UPDATE SET tokens = excluded.tokens, cost_nano_usd = excluded.cost_nano_usd`;

const CORRECT = `
  UPDATE intents SET tokens = known.tokens, cost_nano_usd = known.cost_nano_usd
  FROM json_populate_recordset(null::intents, $1::json) AS known WHERE intents.call_id = known.call_id`;

/** What is left of one process by the time another begins: as many as calls were in flight. */
const MOST = 10_000;

/** Whose number is the last one that was the only process. */
const HOLDER = 'only_process';

/** A call that is about to go out, and whose it is. */
export interface Intent extends OrphanedHold {
  readonly owner: string;
}

/** What a call has taken that is over, in the place of what it was held at. */
export interface Correction {
  readonly callId: string;
  readonly actual: Amounts;
}

/** The calls under way of gateways without Redis. */
@Injectable()
export class IntentsStore {
  /** Seen, and perhaps written over by an attempt of which nobody heard again. */
  private wasOther = false;

  constructor(private readonly prisma: PrismaService) {}

  /** Notes what begins, corrects what is known better, and forgets what is over. Resolves when it is durable. */
  async write(begun: readonly Intent[], over: readonly string[], corrected: readonly Correction[] = []): Promise<void> {
    const rows = begun.map(({ callId, owner, tenant, memo, worst }) => ({ ...toColumns(callId, worst), owner, tenant, memo }));
    await this.prisma.queryPlain(WRITE, [JSON.stringify(rows), `{${over.join(',')}}`]);
    if (corrected.length === 0) return;
    await this.prisma.queryPlain(CORRECT, [JSON.stringify(corrected.map(({ callId, actual }) => toColumns(callId, actual)))]);
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

/** Money as text: a number of JSON that is so large comes through, but not through `JSON.stringify`. */
function toColumns(callId: string, { tokens, costNanoUsd }: Amounts): object {
  return { call_id: callId, tokens, cost_nano_usd: String(costNanoUsd) };
}

/** The random end of its id. */
function numberOf(owner: string): bigint {
  return BigInt(`0x${owner.replaceAll('-', '').slice(-15)}`);
}
