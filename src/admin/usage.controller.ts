import { Controller, Get, Query, Req, type StreamableFile, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ThrottlerGuard } from '@nestjs/throttler';
import { Access, ADMIN, type GatewayRequest } from '../platform/index.js';
import { answerReport, ReportDocs, type UsageReportDto, UsageReportQueryDto, UsageReports } from '../usage/index.js';

/** What everybody used. */
@ApiTags('Administration')
@Controller(ADMIN.map((prefix) => `${prefix}/usage`))
@Access('viewer')
@UseGuards(ThrottlerGuard)
export class AdminUsageController {
  constructor(private readonly reports: UsageReports) {}

  @Get()
  @ReportDocs()
  report(@Query() query: UsageReportQueryDto, @Req() request: GatewayRequest): Promise<UsageReportDto | StreamableFile> {
    return answerReport(this.reports, query, request);
  }
}
