import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiOperation, ApiParam, getSchemaPath } from '@nestjs/swagger';
import { ApiErrors } from '../../platform/index.js';
import { UsageReportDto } from './usage-report.dto.js';
import { UsageStatsDto } from './usage-stats.dto.js';
import { UserUsageDto } from './user-usage.dto.js';

const HOW =
  'A call belongs to the moment it was let in. It is counted once it is over and its row is written, at most about a tenth of a second ' +
  'later; while the database is away, rows wait and are counted afterwards. Refused calls are not in it.';

export const StatsDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Usage and cost of this key',
      description:
        'Calls, errors, tokens by kind and cost of the calling key, in total and, if asked for, by time and by model, provider, end user, ' +
        `tag or template. ${HOW}`,
    }),
    ApiOkResponse({ type: UsageStatsDto }),
    ApiErrors(400, 401, 429, 503),
  );

export const UserUsageDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Usage and cost of an end user',
      description:
        "What an end user used by its models: of a client's key within its own team (or key, without one), of the roles `viewer` and " +
        `\`admin\` everywhere, with a breakdown where that is several. A user who is not known has used nothing. ${HOW}`,
    }),
    ApiParam({ name: 'user_id', description: 'As calls name it, up to 512 characters, percent-encoded.', example: 'ann' }),
    ApiOkResponse({ type: UserUsageDto }),
    ApiErrors(400, 401, 403, 429, 503),
  );

export const ReportDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Report usage and cost',
      description:
        'Calls, errors, tokens by kind, cost and latency of everybody, in total and, if asked for, by time and by model, provider, key, team, ' +
        'end user, tag, template or outcome. The dearest groups are told apart, the rest is one row, so that the rows make the whole; only ' +
        `tags do not, because a call may have several or none. ${HOW}`,
    }),
    ApiExtraModels(UsageReportDto),
    ApiOkResponse({
      description: 'A report, or its rows as CSV.',
      content: {
        'application/json': { schema: { $ref: getSchemaPath(UsageReportDto) } },
        'text/csv': { schema: { type: 'string' } },
      },
    }),
    ApiErrors(400, 401, 403, 429, 503),
  );
