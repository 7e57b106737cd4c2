import { Inject, Injectable } from '@nestjs/common';
import type { Caller } from '../../core/caller.js';
import { CLOCK, type Clock } from '../../core/clock.js';
import { GatewayError } from '../../core/errors.js';
import { LATENCY, latencyBy, type LatencyCounts, MODEL_LATENCY } from './latency.js';
import { refuseBeyondBounds, type ReportShape } from './report-bounds.js';
import { ReportReading, type ReportRow, type SlotTotals } from './report-reading.js';
import type { Scope } from './source.js';
import type { NamedSums } from './sums.js';
import type { UsageSpanQueryDto } from './usage-stats.dto.js';
import { type LocalMoment, type UsageReader, type UsageSpan, UsageStore } from './usage.store.js';

/** What a report says, in sums. */
export interface Report {
  readonly shape: ReportShape;
  readonly span: UsageSpan;
  /** When each slot of the rows begins. */
  readonly starts: readonly LocalMoment[];
  readonly totals: SlotTotals;
  /** None where neither an interval nor groups were asked for. */
  readonly rows: readonly ReportRow[];
  /** Of the keys and teams that rows are about. */
  readonly names: ReadonlyMap<string, string>;
  /** Of everything only. */
  readonly latency: LatencyCounts | undefined;
  readonly rowLatency: (row: ReportRow) => LatencyCounts | undefined;
}

export interface UserReport {
  readonly span: UsageSpan;
  readonly totals: SlotTotals;
  readonly models: readonly ReportRow[];
  readonly tenants: readonly ReportRow[];
  readonly names: ReadonlyMap<string, string>;
}

/** How much may be asked at once. */
export interface ReportSize {
  /** Groups told apart; undefined = all, or a refusal. */
  readonly limit?: number;
  /** More rows are refused. */
  readonly most: number;
}

/** In JSON. More would be no overview any more. */
export const MOST_ROWS = 2_000;

type Asked = Pick<UsageSpanQueryDto, 'from' | 'to'>;

interface Time {
  readonly span: UsageSpan;
  readonly starts: readonly LocalMoment[];
  readonly bounds: readonly number[];
  readonly nowMs: number;
}

/** Sums over the calls of keys, of end users and of everybody. Each report is of one snapshot: its parts make its whole. */
@Injectable()
export class UsageReports {
  constructor(
    private readonly store: UsageStore,
    @Inject(CLOCK) private readonly clock: Pick<Clock, 'now'>,
  ) {}

  /** Throws `invalid_request` where it cannot be, or would be too much. */
  async report(shape: ReportShape, asked: Asked, size: ReportSize): Promise<Report> {
    const time = await this.timeOf(shape, asked);
    return this.store.snapshot(async (reader) => {
      const reading = new ReportReading(reader, shape.scope, time.bounds, time.nowMs);
      const totals = await reading.totals();
      const rows = await rowsOf(reading, shape, totals, size);
      if (rows.length > size.most) throw tooMany(shape, size);
      const { span, starts } = time;
      return { shape, span, starts, totals, rows, names: await namesOf(reader, shape, rows), ...(await latencyOf(reader, shape, time)) };
    });
  }

  /** Of an end user: to a client within its own tenant, to others within all. Throws `forbidden` where a token asks about another than its own. */
  async ofUser(userId: string, { time_zone: timeZone, ...asked }: UsageSpanQueryDto, caller: Caller): Promise<UserReport> {
    const isClient = caller.role === 'client';
    if (isClient && caller.user !== undefined && caller.user !== userId)
      throw new GatewayError('forbidden', 'This token may read the usage of its own subject alone.');
    const scope: Scope = { of: 'user', userId, tenant: isClient ? caller.tenant : undefined };
    const { span, bounds, nowMs } = await this.timeOf({ scope, interval: undefined, groupBy: undefined, timeZone }, asked);
    return this.store.snapshot(async (reader) => {
      const reading = new ReportReading(reader, scope, bounds, nowMs);
      const totals = await reading.totals();
      const models = await reading.topGroups('model', totals, { limit: MOST_ROWS, most: MOST_ROWS });
      const tenants = isClient ? [] : await reading.topGroups('team', totals, { limit: MOST_ROWS, most: MOST_ROWS });
      const several = tenants.length > 1 ? tenants : [];
      return { span, totals, models, tenants: several, names: await reader.names(several.map(({ name }) => name ?? '')) };
    });
  }

  private async timeOf(shape: ReportShape, { from, to }: Asked): Promise<Time> {
    const nowMs = this.clock.now();
    const span = await this.store.span({ from, to, nowMs, timeZone: shape.timeZone });
    refuseBeyondBounds(shape, span);
    const starts = shape.interval ? await this.store.intervals(shape.interval, span, shape.timeZone) : [span.since];
    const inner = starts.slice(1).map(({ at }) => at.getTime());
    return { span, starts, bounds: [span.since.at.getTime(), ...inner, span.until.at.getTime()], nowMs };
  }
}

async function rowsOf(
  reading: ReportReading,
  { interval, groupBy }: ReportShape,
  totals: SlotTotals,
  { limit, most }: ReportSize,
): Promise<readonly ReportRow[]> {
  if (groupBy && limit === undefined) return reading.allGroups(groupBy, totals, most + 1);
  if (groupBy && limit !== undefined) return reading.topGroups(groupBy, totals, { limit, most: most + 1 });
  if (!interval) return [];
  const rows = totals.bySlot.map((sums, slot) => ({ slot, name: undefined, isOther: false, sums }));
  return rows.filter(({ sums }) => sums.requests !== 0n);
}

async function namesOf(reader: UsageReader, { groupBy }: ReportShape, rows: readonly ReportRow[]): Promise<ReadonlyMap<string, string>> {
  if (groupBy !== 'key' && groupBy !== 'team') return new Map();
  return reader.names([...new Set(rows.flatMap(({ name }) => name ?? []))]);
}

/** Of intervals down to days, and of models where there are no intervals: more would be many cells for few figures. */
async function latencyOf(
  reader: UsageReader,
  { scope, interval, groupBy }: ReportShape,
  { bounds, nowMs }: Time,
): Promise<Pick<Report, 'latency' | 'rowLatency'>> {
  if (scope.of !== 'everything') return { latency: undefined, rowLatency: () => undefined };
  const bySlot = groupBy === undefined && interval !== 'hour';
  const whole = new ReportReading(reader, scope, [bounds[0]!, bounds.at(-1)!], nowMs);
  const cells = await (bySlot ? new ReportReading(reader, scope, bounds, nowMs) : whole).counts(LATENCY);
  const latency = latencyBy(cells, () => 'all').get('all');
  if (bySlot) {
    const slots = latencyBy(cells, ({ slot }) => slot);
    return { latency, rowLatency: ({ slot }) => slots.get(slot) };
  }
  if (interval !== undefined || (groupBy !== 'model' && groupBy !== 'provider')) return { latency, rowLatency: () => undefined };
  const named = latencyBy(await whole.counts(MODEL_LATENCY), groupBy === 'model' ? modelOf : providerOf);
  return { latency, rowLatency: ({ name }) => (name === undefined ? undefined : named.get(name)) };
}

/** Cells are named `NN provider/model`. */
function modelOf({ name }: NamedSums): string {
  const place = name.slice(3);
  return place.slice(place.indexOf('/') + 1);
}

function providerOf({ name }: NamedSums): string {
  return name.slice(3).split('/', 1)[0]!;
}

function tooMany({ interval }: ReportShape, { limit, most }: ReportSize): GatewayError {
  const less = limit === undefined ? '' : ', or a smaller `limit`';
  return new GatewayError(
    'invalid_request',
    `This would be more than ${most} rows. Ask for a shorter time or a longer \`interval\`${less}.`,
    {
      param: interval ? 'interval' : 'group_by',
    },
  );
}
