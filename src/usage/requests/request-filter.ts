import type { Caller } from '../../core/caller.js';
import { GatewayError } from '../../core/errors.js';
import { isDate } from '../moment.js';
import type { RequestsQueryDto } from './requests-query.dto.js';

/** Which rows of the ledger. What is undefined does not matter. */
export interface RequestFilter {
  /** Admitted from then on, and before; epoch milliseconds. */
  readonly since: number;
  readonly until: number;
  /** Admitted before this call. */
  readonly after: string | undefined;
  readonly requestId: string | undefined;
  readonly keyId: string | undefined;
  readonly tenant: string | undefined;
  readonly userId: string | undefined;
  /** As it was asked for, or as the provider knows it that answered. */
  readonly model: string | undefined;
  readonly provider: string | undefined;
  readonly status: number | undefined;
  readonly ending: string | undefined;
  readonly errorKind: string | undefined;
  readonly tag: { readonly name: string; readonly value: string } | undefined;
}

const DAY_MS = 86_400_000;
const USUAL_SPAN_MS = 30 * DAY_MS;
/** The last moment that is written with a year of four digits. */
const LATEST = Date.UTC(10_000, 0, 1) - 1;

/** Whose rows somebody may see: a client those of its own key; undefined = all. */
export function visibleKeyOf({ role, keyId }: Pick<Caller, 'role' | 'keyId'>): string | undefined {
  return role === 'client' ? keyId : undefined;
}

/** Throws `forbidden` where a client asks about others, `invalid_request` where the time asked about is none. */
export function toFilter(query: RequestsQueryDto, caller: Pick<Caller, 'role' | 'keyId'>, nowMs: number): RequestFilter {
  const own = visibleKeyOf(caller);
  if (own !== undefined && (query.key !== undefined || query.team !== undefined))
    throw new GatewayError('forbidden', '`key` and `team` are for administrators. Leave them out to read the requests of your own key.');
  return {
    ...spanOf(query, nowMs),
    after: query.after,
    requestId: query.request_id,
    keyId: own ?? query.key,
    tenant: query.team,
    userId: query.user,
    model: query.model,
    provider: query.provider,
    status: query.status,
    ending: query.ending,
    errorKind: query.error_kind,
    tag: query.tag === undefined ? undefined : toTag(query.tag),
  };
}

function spanOf({ from, to }: RequestsQueryDto, nowMs: number): Pick<RequestFilter, 'since' | 'until'> {
  const until = to === undefined ? nowMs + 1 : endOf(to);
  const since = from === undefined ? until - USUAL_SPAN_MS : Date.parse(from);
  if (since >= until) throw new GatewayError('invalid_request', '`from` must be before `to`.', { param: 'from' });
  return { since, until };
}

/** A day is meant to its end. */
function endOf(moment: string): number {
  const time = Date.parse(moment);
  return isDate(moment) ? Math.min(time + DAY_MS, LATEST) : time;
}

function toTag(text: string): { readonly name: string; readonly value: string } {
  const at = text.indexOf('=');
  return { name: text.slice(0, at), value: text.slice(at + 1) };
}
