import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Post, Query, Req, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ThrottlerGuard } from '@nestjs/throttler';
import { CLOCK, type Clock } from '../core/clock.js';
import { GatewayError } from '../core/errors.js';
import { type Denial, DenialsService, findTime, toDeniedTokenWire } from '../keys/index.js';
import { Access, ADMIN, type GatewayRequest } from '../platform/index.js';
import { actorOf } from './actor.js';
import { AllowTokensDocs, DenyTokensDocs, ListDeniedTokensDocs } from './denied-tokens.docs.js';
import {
  type AllowedTokenDto,
  type DeniedTokenDto,
  type DeniedTokenListDto,
  DeniedTokensQueryDto,
  DenyTokensDto,
} from './denied-tokens.dto.js';
import { toPage } from './page.dto.js';
import { required } from './required.js';

/** JWTs that are not taken any more, before they expire. */
@ApiTags('Administration')
@Controller(ADMIN.map((prefix) => `${prefix}/denied-tokens`))
@Access('viewer')
@UseGuards(ThrottlerGuard)
export class DeniedTokensController {
  constructor(
    private readonly denials: DenialsService,
    @Inject(CLOCK) private readonly clock: Pick<Clock, 'now'>,
  ) {}

  @Post()
  @HttpCode(200)
  @Access('admin')
  @DenyTokensDocs()
  async deny(@Body() order: DenyTokensDto, @Req() request: GatewayRequest): Promise<DeniedTokenDto> {
    return toDeniedTokenWire(await this.denials.deny(toDenial(order, this.clock.now()), actorOf(request)));
  }

  @Get()
  @ListDeniedTokensDocs()
  async list(@Query() { limit, after }: DeniedTokensQueryDto): Promise<DeniedTokenListDto> {
    return toPage(await this.denials.list({ limit: limit + 1, before: after }), limit, toDeniedTokenWire);
  }

  @Delete(':id')
  @Access('admin')
  @AllowTokensDocs()
  async allow(@Param('id') id: string, @Req() request: GatewayRequest): Promise<AllowedTokenDto> {
    const allowed = await this.denials.allow(id, actorOf(request));
    const { id: deleted } = required(allowed, { kind: 'denial', id, hint: '`GET /v1/admin/denied-tokens` lists them.' });
    return { id: deleted, deleted: true };
  }
}

function toDenial({ jti, sub, reason, expires_at }: DenyTokensDto, nowMs: number): Denial {
  const value = jti ?? sub;
  if (value === undefined || (jti !== undefined && sub !== undefined))
    throw new GatewayError('invalid_request', 'Send either `jti`, for one token, or `sub`, for all tokens of an end user.', {
      param: 'sub',
    });
  const expiresAt = expires_at == null ? undefined : findTime(expires_at)!;
  if (expiresAt !== undefined && expiresAt <= nowMs)
    throw new GatewayError('invalid_request', '`expires_at` must lie in the future: later no token is taken that expired by then.', {
      param: 'expires_at',
    });
  return { claim: jti === undefined ? 'sub' : 'jti', value, reason: reason ?? undefined, expiresAt };
}
