import { makeId } from '../../src/core/ids.js';
import { query } from './query.js';

/** The least that a row needs. */
export function insertionOf(admittedAt: readonly string[]): string {
  const values = admittedAt.map(
    (at) => `('${at}', '${makeId(Date.parse(at))}', 'r', 'k', 't', 'chat.completions', false, 'm', 200,
    'complete', 1, 0, 0, 0, 2, 0, 0, 0, 0, 'provider', 30, 5, 10, '[]', '{}')`,
  );
  return `INSERT INTO ledger (admitted_at, call_id, request_id, key_id, tenant, surface, streamed, model_asked, status,
    ending, input_tokens, cache_read_tokens, cache_write_5m_tokens, cache_write_1h_tokens, output_tokens, reasoning_tokens, audio_input_tokens,
    audio_output_tokens, image_tokens, usage_source, cost_nano_usd, duration_ms, overhead_us, attempts, budgets) VALUES ${values.join(', ')}`;
}

/** Rows of calls that were admitted then. */
export async function insertLedgerRows(url: string, ...admittedAt: readonly string[]): Promise<void> {
  await query(url, insertionOf(admittedAt));
}

/** Where rows lie, by the day that they were admitted, in the order of time: `['2024-06-01 ledger_2024_06']`. */
export async function placesOf(url: string): Promise<readonly string[]> {
  const rows = await query<{ place: string }>(
    url,
    `SELECT to_char(admitted_at AT TIME ZONE 'UTC', 'YYYY-MM-DD ') || tableoid::regclass AS place FROM ledger ORDER BY admitted_at`,
  );
  return rows.map(({ place }) => place);
}

/** The months that the ledger has partitions for: `['ledger_2024_06']`. */
export async function monthsOf(url: string): Promise<readonly string[]> {
  const rows = await query<{ month: string }>(
    url,
    `SELECT inhrelid::regclass::text AS month FROM pg_inherits
     WHERE inhparent = 'ledger'::regclass AND inhrelid <> 'ledger_default'::regclass ORDER BY 1`,
  );
  return rows.map(({ month }) => month);
}
