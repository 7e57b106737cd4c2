import type { Caller } from '../../core/caller.js';
import { toRfc3339 } from '../moment.js';
import { toLatency } from './latency.js';
import type { ReportRow } from './report-reading.js';
import type { LatencyDto, UsageReportDto, UsageReportRowDto } from './usage-report.dto.js';
import type { Report, UserReport } from './usage-reports.js';
import { toFigures } from './usage-stats.js';
import type { UsageStatsDto } from './usage-stats.dto.js';
import type { LocalMoment, UsageSpan } from './usage.store.js';
import type { UserUsageDto } from './user-usage.dto.js';

export function toStats(report: Report, { keyId, keyName }: Pick<Caller, 'keyId' | 'keyName'>): UsageStatsDto {
  return {
    key_id: keyId,
    key_name: keyName,
    ...toTimes(report.span),
    time_zone: report.shape.timeZone,
    ...toFigures(report.totals.whole),
    rows: report.rows.map((row) => ({ ...toNames(report, row), ...toFigures(row.sums) })),
  };
}

export function toReport(report: Report): UsageReportDto {
  return {
    ...toTimes(report.span),
    time_zone: report.shape.timeZone,
    ...toFigures(report.totals.whole),
    latency_ms: (report.latency && toLatency(report.latency)) ?? null,
    rows: report.rows.map((row) => toReportRow(report, row)),
  };
}

export function toUserUsage(userId: string, timeZone: string, { span, totals, models, tenants, names }: UserReport): UserUsageDto {
  return {
    user_id: userId,
    ...toTimes(span),
    time_zone: timeZone,
    ...toFigures(totals.whole),
    models: models.map(({ name, sums }) => ({ model: name || null, ...toFigures(sums) })),
    tenants: tenants.map(({ name = '', sums }) => ({ tenant: name, tenant_name: names.get(name) ?? null, ...toFigures(sums) })),
  };
}

/** What a row is called: when it begins, and which group it is. */
export function toNames(
  { shape, starts, names }: Report,
  { slot, name, isOther }: ReportRow,
): Omit<UsageReportRowDto, keyof ReturnType<typeof toFigures>> {
  const { interval, groupBy } = shape;
  const start = interval ? { start: toText(starts[slot]!) } : {};
  if (isOther) return { ...start, other: true };
  if (groupBy === undefined || name === undefined) return start;
  if (groupBy === 'key') return { ...start, key: name, key_name: names.get(name) ?? null };
  if (groupBy === 'team') return { ...start, team: name, team_name: names.get(name) ?? null };
  return { ...start, [groupBy]: name || null };
}

export function rowLatencyOf(report: Report, row: ReportRow): LatencyDto | undefined {
  const counts = report.rowLatency(row);
  return counts && toLatency(counts);
}

function toReportRow(report: Report, row: ReportRow): UsageReportRowDto {
  const latency = rowLatencyOf(report, row);
  return { ...toNames(report, row), ...toFigures(row.sums), ...(latency ? { latency_ms: latency } : {}) };
}

function toTimes({ since, until }: UsageSpan): { readonly from: string; readonly to: string } {
  return { from: toText(since), to: toText(until) };
}

function toText({ at, offsetS }: LocalMoment): string {
  return toRfc3339(at, offsetS);
}
