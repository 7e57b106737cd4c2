import { Controller, HttpCode, Post, Req, Res, UseGuards, UseInterceptors } from '@nestjs/common';
import { ThrottlerGuard } from '@nestjs/throttler';
import type { FastifyReply } from 'fastify';
import { Access, bodyOf, callerOf, type GatewayRequest, V1 } from '../platform/index.js';
import { CostInterceptor } from './cost.interceptor.js';
import { CountTokensDocs } from './count-tokens.docs.js';
import type { TokenCountDto } from './count-tokens.dto.js';
import { CountTokensService } from './count-tokens.service.js';

/** Anthropic's token counting. It may ask a provider but uses no model: it is free, makes no ledger row and is throttled like reading. */
@Controller(V1)
@Access('model')
@UseGuards(ThrottlerGuard)
@UseInterceptors(CostInterceptor)
export class CountTokensController {
  constructor(private readonly tokens: CountTokensService) {}

  @Post('messages/count_tokens')
  @HttpCode(200)
  @CountTokensDocs()
  async count(@Req() request: GatewayRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<TokenCountDto> {
    const { count, isEstimate } = await this.tokens.count(bodyOf(request), request.headers, callerOf(request));
    void reply.headers({ 'x-request-id': request.id, 'request-id': request.id });
    if (isEstimate) void reply.header('x-tollgate-estimate', 'true');
    return count;
  }
}
