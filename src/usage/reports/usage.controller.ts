import { Controller, Get, Param, Query, Req, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ThrottlerGuard } from '@nestjs/throttler';
import { GatewayError } from '../../core/errors.js';
import { Access, callerOf, type GatewayRequest, V1 } from '../../platform/index.js';
import { toStats, toUserUsage } from './to-report.js';
import { MOST_ROWS, UsageReports } from './usage-reports.js';
import { type UsageStatsDto, UsageSpanQueryDto, UsageStatsQueryDto } from './usage-stats.dto.js';
import { StatsDocs, UserUsageDocs } from './usage.docs.js';
import type { UserUsageDto } from './user-usage.dto.js';

/** What the ledger keeps of a name, in UTF-16. */
const LONGEST_USER = 512;
/** What a text column can hold. */
const USER = /^[^\0\p{Cs}]+$/u;

/** What callers may know of their own calls, and of their end users. */
@ApiTags('Usage')
@Controller(V1)
@Access('key')
@UseGuards(ThrottlerGuard)
export class UsageController {
  constructor(private readonly reports: UsageReports) {}

  @Get('usage/stats')
  @StatsDocs()
  async stats(@Query() query: UsageStatsQueryDto, @Req() request: GatewayRequest): Promise<UsageStatsDto> {
    const caller = callerOf(request);
    const { interval, group_by: groupBy, time_zone: timeZone, ...asked } = query;
    const shape = { scope: { of: 'key', keyId: caller.keyId }, interval, groupBy, timeZone } as const;
    return toStats(await this.reports.report(shape, asked, { most: MOST_ROWS }), caller);
  }

  @Get('usage/:user_id')
  @UserUsageDocs()
  async ofUser(@Param('user_id') userId: string, @Query() query: UsageSpanQueryDto, @Req() request: GatewayRequest): Promise<UserUsageDto> {
    if (!USER.test(userId) || userId.length > LONGEST_USER)
      throw new GatewayError('invalid_request', '`user_id` must be 1 to 512 characters.', { param: 'user_id' });
    return toUserUsage(userId, query.time_zone, await this.reports.ofUser(userId, query, callerOf(request)));
  }
}
