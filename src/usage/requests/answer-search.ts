import { StreamableFile } from '@nestjs/common';
import { toGatewayError } from '../../core/errors.js';
import { callerOf, type GatewayRequest } from '../../platform/index.js';
import type { RequestsQueryDto } from './requests-query.dto.js';
import type { RequestListDto } from './requests.dto.js';
import type { Requests } from './requests.js';
import { wantsCsv } from './wants-csv.js';

/** A page, or all of it as CSV, whichever was asked for. What breaks CSV off that has begun goes into the log of the request. */
export async function answerSearch(
  requests: Requests,
  query: RequestsQueryDto,
  request: GatewayRequest,
): Promise<RequestListDto | StreamableFile> {
  const caller = callerOf(request);
  if (!wantsCsv(query.format, request.headers.accept)) return requests.page(query, caller);
  const lines = await requests.csv(query, caller, (error) => (request.failure = toGatewayError(error)));
  return new StreamableFile(lines, { type: 'text/csv; charset=utf-8', disposition: 'attachment; filename="requests.csv"' });
}
