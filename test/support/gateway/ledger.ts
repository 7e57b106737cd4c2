import { Pool } from 'pg';

/** A row of the ledger with its columns as SQL names them; whole numbers that may pass 2^53 come as text. */
export interface LedgerRow {
  readonly request_id: string;
  readonly call_id: string;
  readonly key_id: string;
  readonly tenant: string;
  readonly user_id: string | null;
  readonly surface: string;
  readonly streamed: boolean;
  readonly model_asked: string;
  readonly provider: string | null;
  readonly model: string | null;
  readonly status: number;
  readonly ending: string;
  readonly error_kind: string | null;
  readonly input_tokens: number;
  readonly cache_read_tokens: number;
  readonly cache_write_5m_tokens: number;
  readonly output_tokens: number;
  readonly reasoning_tokens: number;
  readonly usage_source: string;
  readonly cost_nano_usd: string;
  readonly price_version: string | null;
  readonly price_id: string | null;
  readonly tier_above: number | null;
  readonly service_tier: string | null;
  readonly provider_cost_nano_usd: string | null;
  readonly failed_cost_nano_usd: string;
  readonly duration_ms: number;
  readonly first_token_ms: number | null;
  readonly attempts: readonly {
    readonly provider: string;
    readonly model: string;
    readonly outcome: string;
    readonly reason?: string;
    readonly usage?: Readonly<Record<string, number>>;
    readonly cost_nano_usd?: string;
  }[];
}

const POLL_MS = 20;
const PATIENCE_MS = 5_000;

/** Reads the ledger past the gateway, on connections of its own. Rows are written behind the answer, so it waits for them. */
export class Ledger {
  private constructor(private readonly pool: Pool) {}

  static open(databaseUrl: string): Ledger {
    const pool = new Pool({ connectionString: databaseUrl, max: 2 });
    pool.on('error', () => undefined);
    return new Ledger(pool);
  }

  async rows(): Promise<readonly LedgerRow[]> {
    const { rows } = await this.pool.query<LedgerRow>('select * from ledger order by admitted_at, call_id');
    return rows;
  }

  /** The row of this request, as soon as it is there. */
  async row(requestId: string): Promise<LedgerRow> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const { rows } = await this.pool.query<LedgerRow>('select * from ledger where request_id = $1', [requestId]);
      if (rows.length > 1) throw new Error(`${rows.length} ledger rows for one request ${requestId}`);
      if (rows[0]) return rows[0];
      if (Date.now() > deadline) throw new Error(`no ledger row for request ${requestId} within ${PATIENCE_MS} ms`);
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  /** Resolves when the ledger has this many rows; more of them fail. */
  async untilRows(count: number): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      const { rows } = await this.pool.query<{ count: string }>('select count(*) from ledger');
      if (Number(rows[0]?.count) >= count || Date.now() > deadline) {
        if (Number(rows[0]?.count) !== count) throw new Error(`the ledger has ${rows[0]?.count} rows, expected ${count}`);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    }
  }

  close(): Promise<void> {
    return this.pool.end();
  }
}
