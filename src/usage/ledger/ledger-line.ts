import type { AttemptRecord, Call, CallRecord } from '../../core/call.js';
import type { Caller } from '../../core/caller.js';
import type { ErrorKind } from '../../core/errors.js';
import { BUCKET_NAMES, BUCKETS, type Usage } from '../../core/usage.js';

const INFO = 30;
const WARN = 40;

/** Failures that somebody on this side of the client should look at. */
const IS_OURS: Record<ErrorKind, boolean> = {
  invalid_request: false,
  unsupported_parameter: false,
  context_length_exceeded: false,
  content_policy: false,
  unauthenticated: false,
  forbidden: false,
  not_found: false,
  unknown_model: false,
  method_not_allowed: false,
  conflict: false,
  payload_too_large: false,
  unsupported_media_type: false,
  rate_limited: false,
  budget_exhausted: false,
  client_closed: false,
  internal: true,
  upstream_protocol: true,
  upstream_unavailable: true,
  service_unavailable: true,
  upstream_timeout: true,
  upstream_rate_limited: true,
  upstream_rejected: false,
};

/** What a row is made of. */
export interface LedgerRecord extends Omit<CallRecord, 'call' | 'metricModel'> {
  readonly call: Pick<Call, 'callId' | 'requestId' | 'admittedAt' | 'userId' | 'tags'> & {
    readonly caller: Pick<Caller, 'keyId' | 'tenant'>;
    readonly request: Pick<Call['request'], 'dialect' | 'stream' | 'modelAsked'>;
    /** What its prompt was made from. */
    readonly template?: string | undefined;
  };
}

/**
 * The one line of JSON that a settled call leaves: it is written to the terminal, and its members after `event` are columns of
 * the table `ledger`. What there was none of (a text, a bucket of tokens) is left out. Put together by hand, which takes a third
 * of what serialising an object does. Holds no prompt and no secret, and nothing that Postgres would refuse: texts and counts
 * come from outside and are cut to what a column takes.
 */
export function toLedgerLine(record: LedgerRecord): string {
  const { call, usage, errorKind } = record;
  const { request, caller } = call;
  const level = errorKind !== undefined && IS_OURS[errorKind] ? WARN : INFO;
  const event = record.ending === 'complete' ? 'response_generated' : 'request_failed';
  return (
    `{"level":${level},"time":${Math.round(call.admittedAt + record.durationMs)},"event":"${event}",` +
    `"admitted_at":"${isoTime(call.admittedAt)}","call_id":"${call.callId}","request_id":${text(call.requestId)},` +
    `"key_id":${text(caller.keyId)},"tenant":${text(caller.tenant)},${optional('user_id', call.userId)}` +
    `"surface":"${request.dialect}","streamed":${request.stream},"model_asked":${text(request.modelAsked)},` +
    `${optional('provider', record.provider)}${optional('model', record.model)}` +
    `"status":${record.status},"ending":"${record.ending}",${optional('error_kind', errorKind)}` +
    `"input_tokens":${count(usage.input)},${some('cache_read_tokens', usage.cacheRead)}` +
    `${some('cache_write_5m_tokens', usage.cacheWrite5m)}${some('cache_write_1h_tokens', usage.cacheWrite1h)}` +
    `"output_tokens":${count(usage.output)},${some('reasoning_tokens', usage.reasoning)}` +
    `${some('audio_input_tokens', usage.audioInput)}${some('audio_output_tokens', usage.audioOutput)}` +
    `${some('image_tokens', usage.image)}"usage_source":"${record.usageSource}","cost_nano_usd":${money(record.costNanoUsd)},` +
    (record.providerCostNanoUsd === undefined ? '' : `"provider_cost_nano_usd":${money(record.providerCostNanoUsd)},`) +
    (record.failedCostNanoUsd === 0n ? '' : `"failed_cost_nano_usd":${money(record.failedCostNanoUsd)},`) +
    `${optional('price_version', record.priceVersion)}${optional('price_id', record.priceId)}` +
    (record.tierAbove === undefined ? '' : `"tier_above":${count(record.tierAbove)},`) +
    `${optional('service_tier', record.serviceTier)}"duration_ms":${count(record.durationMs)},` +
    (record.firstTokenMs === undefined ? '' : `"first_token_ms":${count(record.firstTokenMs)},`) +
    `"overhead_us":${count(record.overheadUs)},${tagsOf(call.tags)}${optional('template', call.template)}${budgetsOf(record.budgets)}` +
    `"attempts":[${record.attempts.map(toAttempt).join(',')}]}`
  );
}

/** Budgets' own names for themselves: ids and times. */
export function budgetsOf(budgets: readonly string[]): string {
  return budgets.length === 0 ? '' : `"budgets":["${budgets.join('","')}"],`;
}

export function tagsOf(tags: Readonly<Record<string, string>>): string {
  const entries = Object.entries(tags).map(([name, value]) => `${text(name)}:${text(value)}`);
  return entries.length === 0 ? '' : `"tags":{${entries.join(',')}},`;
}

let lastSecond = Number.NaN;
let secondText = '';

/** Calls of the same second share the text up to its point, which is dear to make. */
function isoTime(ms: number): string {
  const second = Math.floor(ms / 1000);
  if (second !== lastSecond) {
    lastSecond = second;
    secondText = new Date(second * 1000).toISOString().slice(0, -'000Z'.length);
  }
  return `${secondText}${String(ms - second * 1000).padStart(3, '0')}Z`;
}

function optional(name: string, value: string | undefined): string {
  return value === undefined ? '' : `"${name}":${text(value)},`;
}

function some(name: string, tokens: number): string {
  return tokens === 0 ? '' : `"${name}":${count(tokens)},`;
}

function toAttempt(attempt: AttemptRecord): string {
  const reason = attempt.reason === undefined ? '' : `,"reason":${text(attempt.reason)}`;
  const used = attempt.usage === undefined ? '' : usedBy(attempt, attempt.usage);
  return (
    `{"provider":${text(attempt.provider)},"model":${text(attempt.model)},"started_ms":${count(attempt.startedMs)},` +
    `"duration_ms":${count(attempt.durationMs)},"outcome":"${attempt.outcome}"${reason}${used}}`
  );
}

/** Of an attempt that made no answer, which is rare. Money inside JSON is text: readers of JSON have no integers that large. */
function usedBy({ costNanoUsd, priceId, serviceTier }: AttemptRecord, usage: Usage): string {
  const buckets = BUCKETS.filter((bucket) => usage[bucket] > 0).map((bucket) => `"${BUCKET_NAMES[bucket]}":${count(usage[bucket])}`);
  const cost = costNanoUsd === undefined ? '' : `,"cost_nano_usd":"${money(costNanoUsd)}"`;
  const price = priceId === undefined ? '' : `,"price_id":${text(priceId)}`;
  const tier = serviceTier === undefined ? '' : `,"service_tier":${text(serviceTier)}`;
  return `,"usage":{${buckets.join(',')}}${cost}${price}${tier}`;
}

const LARGEST_INTEGER = 2_147_483_647;

/** A whole number that fits an INTEGER column. A provider may report nonsense, and its row must still be written. */
function count(value: number): number {
  if (value >= 0 && value <= LARGEST_INTEGER) return Math.round(value);
  return value > 0 ? LARGEST_INTEGER : 0;
}

const LARGEST_BIGINT = 2n ** 63n - 1n;

function money(nanoUsd: bigint): bigint {
  return nanoUsd > LARGEST_BIGINT ? LARGEST_BIGINT : nanoUsd;
}

const LONGEST_TEXT = 512;
const NEEDS_NO_ESCAPE = /^[\w .:/@+=,-]*$/;
/** Postgres has no place for a zero character or half a surrogate pair, and would refuse the whole row. */
const UNSTORABLE = /[\0\p{Surrogate}]/gu;

function text(value: string): string {
  if (value.length <= LONGEST_TEXT && NEEDS_NO_ESCAPE.test(value)) return `"${value}"`;
  return JSON.stringify(value.slice(0, LONGEST_TEXT).replace(UNSTORABLE, '\ufffd'));
}
