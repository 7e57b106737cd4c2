import { Injectable } from '@nestjs/common';
import { PrismaService } from '../../platform/index.js';
import { sqlStateOf } from '../sql-state.js';
import { COSTS_OF, INSERT, REPLACE_INTERRUPTED } from './ledger.sql.js';
import { RowRefused } from './row-refused.js';

/** SQLSTATE classes 22 (what a value is) and 23 (what a column takes): the row is at fault, and would be every time. */
const FAULT_OF_THE_ROW = /^2[23]/;

/** What names a row; `admittedAt` in epoch milliseconds. */
export interface RowName {
  readonly admittedAt: number;
  readonly callId: string;
}

/** Where finished lines become rows. */
@Injectable()
export class LedgerStore {
  constructor(private readonly prisma: PrismaService) {}

  /**
   * Stores ledger lines in one statement, together with the sums of the budgets that they are charged to; those that are there already
   * are left as they are, so a repeat does no harm. But what a call really came to takes the place of what was guessed when its
   * gateway seemed to have died. Throws `RowRefused` if one of them can never be stored; then none of them is.
   */
  async insert(lines: readonly string[]): Promise<void> {
    const json = `[${lines.join(',')}]`;
    try {
      const known = await this.prisma.queryPlain(INSERT, [json]);
      if (known.length > 0) await this.prisma.queryPlain(REPLACE_INTERRUPTED, [json]);
    } catch (error) {
      throw FAULT_OF_THE_ROW.test(sqlStateOf(error) ?? '') ? new RowRefused(error) : error;
    }
  }

  /** In nano-dollars, by call id; calls without a row are missing. */
  async costsOf(calls: readonly RowName[]): Promise<ReadonlyMap<string, bigint>> {
    const names = calls.map(({ admittedAt, callId }) => ({ admitted_at: new Date(admittedAt).toISOString(), call_id: callId }));
    const rows = await this.prisma.queryPlain(COSTS_OF, [JSON.stringify(names)]);
    return new Map(rows.map(([callId, cost]) => [String(callId), BigInt(String(cost))]));
  }
}
