import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, Req, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ThrottlerGuard } from '@nestjs/throttler';
import { Access, ADMIN, type GatewayRequest } from '../platform/index.js';
import { PriceOverridesService } from '../usage/index.js';
import { actorOf } from './actor.js';
import { toPage } from './page.dto.js';
import { CreatePriceOverrideDto, type PriceOverrideDto, type PriceOverrideListDto, PriceOverridesQueryDto } from './price-overrides.dto.js';
import { toOverrideDto } from './prices-mapping.js';
import {
  CreatePriceOverrideDocs,
  ListPriceOverridesDocs,
  ListPricesDocs,
  ListUnpricedDocs,
  RemovePriceOverrideDocs,
} from './prices.docs.js';
import { type PriceListDto, PricesQueryDto, type UnpricedListDto, UnpricedQueryDto } from './prices.dto.js';
import { AdminPricesService } from './prices.service.js';
import { required } from './required.js';

/** What models cost. */
@ApiTags('Administration')
@Controller(ADMIN.map((prefix) => `${prefix}/prices`))
@Access('viewer')
@UseGuards(ThrottlerGuard)
export class AdminPricesController {
  constructor(
    private readonly prices: AdminPricesService,
    private readonly overrides: PriceOverridesService,
  ) {}

  @Get()
  @ListPricesDocs()
  list(@Query() query: PricesQueryDto): PriceListDto {
    return this.prices.list(query);
  }

  @Get('unpriced')
  @ListUnpricedDocs()
  unpriced(@Query() query: UnpricedQueryDto): Promise<UnpricedListDto> {
    return this.prices.unpriced(query);
  }

  @Get('overrides')
  @ListPriceOverridesDocs()
  async listOverrides(@Query() { provider, model, origin, limit, after }: PriceOverridesQueryDto): Promise<PriceOverrideListDto> {
    // One more than asked for tells whether there are more.
    const found = await this.overrides.list({ provider, model, origin, before: after, limit: limit + 1 });
    return toPage(found, limit, toOverrideDto);
  }

  @Post('overrides')
  @HttpCode(200)
  @Access('admin')
  @CreatePriceOverrideDocs()
  override(@Body() order: CreatePriceOverrideDto, @Req() request: GatewayRequest): Promise<PriceOverrideDto> {
    return this.prices.override(order, actorOf(request));
  }

  @Delete('overrides/:id')
  @Access('admin')
  @RemovePriceOverrideDocs()
  async remove(@Param('id') id: string, @Req() request: GatewayRequest): Promise<PriceOverrideDto> {
    return toOverrideDto(required(await this.overrides.remove(id, actorOf(request)), { kind: 'price override', id }));
  }
}
