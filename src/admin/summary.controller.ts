import { Controller, Get, Inject, Query, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ThrottlerGuard } from '@nestjs/throttler';
import { CLOCK, type Clock } from '../core/clock.js';
import { Access, ADMIN, ApiErrors } from '../platform/index.js';
import { SummaryDto, SummaryQueryDto } from './summary.dto.js';
import { SummaryService } from './summary.service.js';
import { toSummaryWindow } from './summary-window.js';

@ApiTags('Administration')
@Controller(ADMIN)
@Access('viewer')
@UseGuards(ThrottlerGuard)
export class SummaryController {
  constructor(
    private readonly service: SummaryService,
    @Inject(CLOCK) private readonly clock: Pick<Clock, 'now'>,
  ) {}

  @Get('summary')
  @ApiOperation({
    summary: 'The system at a glance',
    description:
      'Calls, tokens, cost, latency and the top of each over the time that ends now, the calls that were refused meanwhile, and how providers ' +
      'and budgets stand. A call belongs to the moment it was let in, and is counted when it is over.',
  })
  @ApiOkResponse({ type: SummaryDto })
  @ApiErrors(400, 401, 403, 429, 503)
  summary(@Query() { window, window_hours }: SummaryQueryDto): Promise<SummaryDto> {
    return this.service.read(toSummaryWindow(window, window_hours, this.clock.now()));
  }
}
