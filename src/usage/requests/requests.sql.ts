import { callTimeOf } from './call-time.js';
import type { RequestFilter } from './request-filter.js';
import type { RequestRow, WholeRow } from './request-row.js';

/** A statement and what it is about. Each value has its type in the text, so that the server plans with it. */
export interface Statement {
  readonly text: string;
  readonly values: readonly (string | number)[];
}

const COLUMNS: Readonly<Record<keyof RequestRow, string>> = {
  callId: 'call_id',
  requestId: 'request_id',
  admittedAt: 'admitted_at',
  keyId: 'key_id',
  tenant: 'tenant',
  userId: 'user_id',
  surface: 'surface',
  streamed: 'streamed',
  modelAsked: 'model_asked',
  provider: 'provider',
  model: 'model',
  status: 'status',
  ending: 'ending',
  errorKind: 'error_kind',
  input: 'input_tokens',
  cacheRead: 'cache_read_tokens',
  cacheWrite5m: 'cache_write_5m_tokens',
  cacheWrite1h: 'cache_write_1h_tokens',
  output: 'output_tokens',
  reasoning: 'reasoning_tokens',
  audioInput: 'audio_input_tokens',
  audioOutput: 'audio_output_tokens',
  image: 'image_tokens',
  usageSource: 'usage_source',
  costNanoUsd: 'cost_nano_usd',
  providerCostNanoUsd: 'provider_cost_nano_usd',
  failedCostNanoUsd: 'failed_cost_nano_usd',
  priceVersion: 'price_version',
  priceId: 'price_id',
  tierAbove: 'tier_above',
  serviceTier: 'service_tier',
  durationMs: 'duration_ms',
  firstTokenMs: 'first_token_ms',
  overheadUs: 'overhead_us',
  attemptCount: "CASE jsonb_typeof(attempts) WHEN 'array' THEN jsonb_array_length(attempts) ELSE 0 END",
  tags: 'tags',
};

const WHOLE: Readonly<Record<keyof WholeRow, string>> = { ...COLUMNS, attempts: 'attempts', budgets: 'budgets' };

const IN_LIST = selected(COLUMNS);
const IN_FULL = selected(WHOLE);
const NEWEST_FIRST = 'ORDER BY admitted_at DESC, call_id DESC';

/** Of the rows that pass, the newest `limit`. */
export function searchStatement(filter: RequestFilter, limit: number): Statement {
  const { conditions, values } = conditionsOf(filter);
  return { text: `SELECT ${IN_LIST} FROM ledger WHERE ${conditions.join(' AND ')} ${NEWEST_FIRST} LIMIT ${limit}`, values };
}

/** The row of a call, in the one partition that its id names. `keyId` undefined = whosever it is. */
export function callStatement(callId: string, admittedAt: number, keyId: string | undefined): Statement {
  const ofKey = keyId === undefined ? '' : ' AND key_id = $3::text';
  return {
    text: `SELECT ${IN_FULL} FROM ledger WHERE admitted_at = $1::timestamptz AND call_id = $2::uuid${ofKey}`,
    values: [timeText(admittedAt), callId, ...(keyId === undefined ? [] : [keyId])],
  };
}

/** The ids of the newest calls with this label. */
export function labelStatement(label: string, keyId: string | undefined, limit: number): Statement {
  const ofKey = keyId === undefined ? '' : ' AND key_id = $2::text';
  return {
    text: `SELECT call_id AS "callId", admitted_at AS "admittedAt" FROM ledger WHERE request_id = $1::text${ofKey} ${NEWEST_FIRST} LIMIT ${limit}`,
    values: [label, ...(keyId === undefined ? [] : [keyId])],
  };
}

/** The bounds in time stand by themselves, too: by those the server leaves out months, by the comparison of rows it does not. */
function conditionsOf(filter: RequestFilter): { readonly conditions: readonly string[]; readonly values: readonly (string | number)[] } {
  const { since, until, after, tag } = filter;
  const conditions: string[] = [];
  const values: (string | number)[] = [];
  const place = (value: string | number): string => `$${values.push(value)}`;
  const afterMs = after === undefined ? undefined : callTimeOf(after);
  conditions.push(`admitted_at >= ${place(timeText(since))}::timestamptz`);
  conditions.push(`admitted_at < ${place(timeText(afterMs === undefined ? until : Math.min(until, afterMs + 1)))}::timestamptz`);
  if (after !== undefined && afterMs !== undefined)
    conditions.push(`(admitted_at, call_id) < (${place(timeText(afterMs))}::timestamptz, ${place(after)}::uuid)`);
  const texts = {
    key_id: filter.keyId,
    tenant: filter.tenant,
    user_id: filter.userId,
    request_id: filter.requestId,
    provider: filter.provider,
    ending: filter.ending,
    error_kind: filter.errorKind,
  };
  for (const [column, text] of Object.entries(texts)) if (text !== undefined) conditions.push(`${column} = ${place(text)}::text`);
  if (filter.status !== undefined) conditions.push(`status = ${place(filter.status)}::int`);
  if (filter.model !== undefined) {
    const model = place(filter.model);
    conditions.push(`(model = ${model}::text OR model_asked = ${model}::text)`);
  }
  if (tag) conditions.push(`tags @> ${place(JSON.stringify({ [tag.name]: tag.value }))}::jsonb`);
  return { conditions, values };
}

function selected(columns: Readonly<Record<string, string>>): string {
  return Object.entries(columns)
    .map(([name, column]) => `${column} AS "${name}"`)
    .join(', ');
}

function timeText(ms: number): string {
  return new Date(ms).toISOString();
}
