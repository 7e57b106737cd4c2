import { Injectable } from '@nestjs/common';
import { PrismaService } from '../../platform/index.js';
import { sqlStateOf } from '../sql-state.js';
import { RowRefused } from './row-refused.js';

/** SQLSTATE classes 22 (what a value is) and 23 (what a column takes): the row is at fault, and would be every time. */
const FAULT_OF_THE_ROW = /^2[23]/;

/** What a line leaves out where there is none of it; a token count that is left out is 0. */
const COUNTS = [
  'cache_read_tokens',
  'cache_write_5m_tokens',
  'cache_write_1h_tokens',
  'reasoning_tokens',
  'audio_input_tokens',
  'audio_output_tokens',
  'image_tokens',
];

/** Named, so that a column added later keeps its default while replicas of two versions write. */
const COLUMNS = `
  admitted_at, call_id, request_id, key_id, tenant, user_id, surface, streamed, model_asked, provider, model, status, ending,
  error_kind, input_tokens, output_tokens, usage_source, cost_nano_usd, provider_cost_nano_usd, price_version,
  duration_ms, first_token_ms, overhead_us, attempts`;

const INSERT = `
  INSERT INTO ledger (${COLUMNS}, ${COUNTS.join(', ')})
  SELECT ${COLUMNS}, ${COUNTS.map((count) => `COALESCE(${count}, 0)`).join(', ')} FROM json_populate_recordset(null::ledger, $1::json)
  ON CONFLICT DO NOTHING`;

/** Where finished lines become rows. */
@Injectable()
export class LedgerStore {
  constructor(private readonly prisma: PrismaService) {}

  /**
   * Stores ledger lines in one statement; those that are there already are left as they are, so a repeat does no harm.
   * Throws `RowRefused` if one of them can never be stored; then none of them is.
   */
  async insert(lines: readonly string[]): Promise<void> {
    try {
      await this.write(`[${lines.join(',')}]`);
    } catch (error) {
      throw FAULT_OF_THE_ROW.test(sqlStateOf(error) ?? '') ? new RowRefused(error) : error;
    }
  }

  private async write(json: string): Promise<void> {
    await this.prisma.executePlain(INSERT, [json]);
  }
}
