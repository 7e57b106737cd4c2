import { Controller, Get, Param, Query, Req, type StreamableFile, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ThrottlerGuard } from '@nestjs/throttler';
import { Access, callerOf, type GatewayRequest, V1 } from '../../platform/index.js';
import { KeptBodies } from '../bodies/kept-bodies.js';
import type { RequestWithBodiesDto } from '../bodies/request-with-bodies.dto.js';
import { answerSearch } from './answer-search.js';
import { RequestsQueryDto } from './requests-query.dto.js';
import { ExplainDocs, SearchDocs } from './requests.docs.js';
import type { RequestListDto } from './requests.dto.js';
import { Requests } from './requests.js';

/** Single calls, and what each of them cost why. */
@ApiTags('Usage')
@Controller(V1)
@Access('key')
@UseGuards(ThrottlerGuard)
export class RequestsController {
  constructor(
    private readonly requests: Requests,
    private readonly bodies: KeptBodies,
  ) {}

  @Get('requests')
  @SearchDocs('Requests of this key', 'Calls of the calling key; with the role `viewer` or `admin` of all keys.')
  search(@Query() query: RequestsQueryDto, @Req() request: GatewayRequest): Promise<RequestListDto | StreamableFile> {
    return answerSearch(this.requests, query, request);
  }

  @Get('requests/:request_id')
  @ExplainDocs()
  async explain(@Param('request_id') name: string, @Req() request: GatewayRequest): Promise<RequestWithBodiesDto> {
    return this.bodies.addTo(await this.requests.explain(name, callerOf(request)));
  }
}
