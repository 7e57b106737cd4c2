import { StreamableFile } from '@nestjs/common';
import { GatewayError } from '../../core/errors.js';
import type { GatewayRequest } from '../../platform/index.js';
import { wantsCsv } from '../requests/wants-csv.js';
import { toCsv } from './report-csv.js';
import type { Scope } from './source.js';
import { toReport } from './to-report.js';
import { MOST_ROWS, type UsageReports } from './usage-reports.js';
import type { UsageReportDto, UsageReportQueryDto } from './usage-report.dto.js';

const MOST_LINES = 20_000;

/** A report of what everybody used, of one key or of one end user, as JSON or as CSV, whichever was asked for. */
export async function answerReport(
  reports: UsageReports,
  query: UsageReportQueryDto,
  request: GatewayRequest,
): Promise<UsageReportDto | StreamableFile> {
  const { interval, group_by: groupBy, time_zone: timeZone, limit, ...asked } = query;
  const isCsv = wantsCsv(query.format, request.headers.accept);
  const shape = { scope: scopeOf(query), interval, groupBy, timeZone };
  const report = await reports.report(shape, asked, { limit, most: isCsv ? MOST_LINES : MOST_ROWS });
  if (!isCsv) return toReport(report);
  return new StreamableFile(toCsv(report), { type: 'text/csv; charset=utf-8', disposition: 'attachment; filename="usage.csv"' });
}

function scopeOf({ key_id: keyId, user_id: userId }: UsageReportQueryDto): Scope {
  if (keyId !== undefined && userId !== undefined)
    throw new GatewayError('invalid_request', '`key_id` and `user_id` do not go together. Leave one of them out.', { param: 'user_id' });
  if (keyId !== undefined) return { of: 'key', keyId };
  return userId === undefined ? { of: 'everything' } : { of: 'user', userId, tenant: undefined };
}
