import { Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../../core/caller.js';
import { CLOCK, type Clock } from '../../core/clock.js';
import { GatewayError } from '../../core/errors.js';
import { callTimeOf } from './call-time.js';
import type { ExplainedRequestDto } from './explained-request.dto.js';
import { type RequestFilter, toFilter, visibleKeyOf } from './request-filter.js';
import type { RequestRow, WholeRow } from './request-row.js';
import { CSV_HEAD, toCsvLines } from './requests-csv.js';
import { type RequestsQueryDto, USUAL_LIMIT } from './requests-query.dto.js';
import type { RequestListDto } from './requests.dto.js';
import { RequestsStore } from './requests.store.js';
import { budgetIdOf, toExplainedRequest } from './to-explained-request.js';
import { toRequest } from './to-request.js';

/** Rows that are in memory at a time while CSV is sent, and how long the event loop is held up for: some milliseconds. */
const CHUNK = 200;
const MOST_OTHERS = 100;
/** What calls are labelled with (`toRequestId`), and what their ids look like. */
const NAME = /^[A-Za-z0-9._-]{1,128}$/;

type Asking = Pick<Caller, 'role' | 'keyId'>;

/** The single calls that the ledger has, for those who may see them: a client those of its own key. */
@Injectable()
export class Requests {
  constructor(
    private readonly store: RequestsStore,
    @Inject(CLOCK) private readonly clock: Pick<Clock, 'now'>,
  ) {}

  async page(query: RequestsQueryDto, caller: Asking): Promise<RequestListDto> {
    const limit = query.limit ?? USUAL_LIMIT;
    // One more than asked for tells whether there are more.
    const found = await this.store.search(toFilter(query, caller, this.clock.now()), limit + 1);
    const data = found.slice(0, limit).map(toRequest);
    return { object: 'list', data, has_more: found.length > limit, last_id: data.at(-1)?.id ?? null };
  }

  /**
   * All that was asked for as CSV, read as fast as it is taken. Resolves when the first rows are there: until then a refusal is an
   * answer of its own. Breaks off if reading fails later (`onFailure` is told why), so that what is cut does not look whole.
   */
  async csv(query: RequestsQueryDto, caller: Asking, onFailure: (error: unknown) => void): Promise<Readable> {
    const chunks = this.chunks(toFilter(query, caller, this.clock.now()), query.limit ?? Infinity);
    const first = await chunks.next();
    return Readable.from(toLines(first.done ? [] : first.value, chunks, onFailure));
  }

  /**
   * The call with this id, or else the newest one with this label. Throws `not_found`, the same for what is not there and for what
   * is somebody else's.
   */
  async explain(name: string, caller: Asking): Promise<ExplainedRequestDto> {
    const keyId = visibleKeyOf(caller);
    const { row, otherIds } = (NAME.test(name) && ((await this.byId(name, keyId)) ?? (await this.byLabel(name, keyId)))) || {};
    if (!row) throw notFound(name);
    const [price, budgetNames] = await Promise.all([
      row.priceId === null ? undefined : this.store.price(row.priceId),
      this.store.budgetNames((row.budgets ?? []).map(budgetIdOf)),
    ]);
    return toExplainedRequest(row, { price, budgetNames, otherIds: otherIds ?? [] });
  }

  private async byId(id: string, keyId: string | undefined): Promise<Found | undefined> {
    const time = callTimeOf(id);
    const row = time === undefined ? undefined : await this.store.find(id, time, keyId);
    return row && { row, otherIds: [] };
  }

  private async byLabel(label: string, keyId: string | undefined): Promise<Found | undefined> {
    const [newest, ...others] = await this.store.labelled(label, keyId, MOST_OTHERS + 1);
    const row = newest && (await this.store.find(newest.callId, newest.admittedAt.getTime(), keyId));
    return row && { row, otherIds: others.map(({ callId }) => callId) };
  }

  private async *chunks(filter: RequestFilter, most: number): AsyncGenerator<readonly RequestRow[], void> {
    let { after } = filter;
    for (let left = most; left > 0;) {
      const limit = Math.min(CHUNK, left);
      const rows = await this.store.search({ ...filter, after }, limit);
      if (rows.length > 0) yield rows;
      if (rows.length < limit) return;
      after = rows.at(-1)!.callId;
      left -= rows.length;
    }
  }
}

interface Found {
  readonly row: WholeRow;
  readonly otherIds: readonly string[];
}

async function* toLines(
  first: readonly RequestRow[],
  rest: AsyncGenerator<readonly RequestRow[], void>,
  onFailure: (error: unknown) => void,
): AsyncGenerator<string, void> {
  try {
    yield CSV_HEAD + toCsvLines(first);
    for await (const rows of rest) yield toCsvLines(rows);
  } catch (error) {
    onFailure(error);
    throw error;
  }
}

function notFound(name: string): GatewayError {
  const shown = name.length > 128 ? `${name.slice(0, 128)}…` : name;
  return new GatewayError(
    'not_found',
    `There is no request \`${shown}\` that this key may see. Rows are written when a call is over; \`GET /v1/requests\` lists them.`,
  );
}
