import { Controller, Get, Query, Req, type StreamableFile, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ThrottlerGuard } from '@nestjs/throttler';
import { Access, ADMIN, type GatewayRequest } from '../platform/index.js';
import { answerSearch, type RequestListDto, Requests, RequestsQueryDto, SearchDocs } from '../usage/index.js';

/** The calls of everybody. */
@ApiTags('Administration')
@Controller(ADMIN.map((prefix) => `${prefix}/requests`))
@Access('viewer')
@UseGuards(ThrottlerGuard)
export class AdminRequestsController {
  constructor(private readonly requests: Requests) {}

  @Get()
  @SearchDocs('Search requests', 'Calls of all keys.')
  search(@Query() query: RequestsQueryDto, @Req() request: GatewayRequest): Promise<RequestListDto | StreamableFile> {
    return answerSearch(this.requests, query, request);
  }
}
