import { Controller, Get, Inject, Query, Req, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ThrottlerGuard } from '@nestjs/throttler';
import { CLOCK, type Clock } from '../../core/clock.js';
import { GatewayError } from '../../core/errors.js';
import { Access, ApiErrors, callerOf, type GatewayRequest, V1 } from '../../platform/index.js';
import { toRfc3339 } from '../moment.js';
import { toFigures, toRow } from './usage-stats.js';
import { UsageStatsDto, UsageStatsQueryDto } from './usage-stats.dto.js';
import { UsageStore, type UsageQuestion } from './usage.store.js';

/** What callers may know of their own calls. */
@ApiTags('Usage')
@Controller(V1)
@Access('key')
@UseGuards(ThrottlerGuard)
export class UsageController {
  constructor(
    private readonly store: UsageStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Get('usage/stats')
  @ApiOperation({
    summary: 'Usage and cost of this key',
    description:
      'Calls, errors, tokens by kind and cost of the calling key, in total and, if asked for, by time and by model, provider or end user. ' +
      'A call belongs to the moment it was let in. It is counted once it is over and its row is written, at most about a tenth of a second ' +
      'later; while the database is away, rows wait and are counted afterwards. Refused calls are not in it.',
  })
  @ApiOkResponse({ type: UsageStatsDto })
  @ApiErrors(400, 401, 429, 503)
  async stats(@Query() query: UsageStatsQueryDto, @Req() request: GatewayRequest): Promise<UsageStatsDto> {
    const { keyId, keyName } = callerOf(request);
    const { from, to, interval, group_by: groupBy, time_zone: timeZone } = query;
    const question: UsageQuestion = { keyId, from, to, nowMs: this.clock.now(), interval, groupBy, timeZone };
    const span = await this.store.span(question);
    if (span.since >= span.until) throw new GatewayError('invalid_request', '`from` must be before `to`.', { param: 'from' });
    const [total, ...rows] = await this.store.sums(question, span);
    return {
      key_id: keyId,
      key_name: keyName,
      from: toRfc3339(span.since, span.sinceOffsetS),
      to: toRfc3339(span.until, span.untilOffsetS),
      time_zone: timeZone,
      ...toFigures(total!),
      rows: interval || groupBy ? rows.map((row) => toRow(row, question)) : [],
    };
  }
}
