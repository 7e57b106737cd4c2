import { Controller, Get, HttpCode, Param, Post, Query, Req, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ThrottlerGuard } from '@nestjs/throttler';
import { Alerts, Deliveries } from '../alerts/index.js';
import { Access, ADMIN, type GatewayRequest } from '../platform/index.js';
import { actorOf } from './actor.js';
import { required } from './required.js';
import { ListAlertsDocs, ListDeliveriesDocs, RetryDeliveryDocs } from './alerts.docs.js';
import { type AlertListDto, AlertsQueryDto, DeliveriesQueryDto, type DeliveryDto, type DeliveryListDto } from './alerts.dto.js';
import { toAlertDto, toDeliveryDto, toPage } from './alerts-mapping.js';

/** What administrators should know, and whether it has reached them. */
@ApiTags('Administration')
@Controller(ADMIN.map((prefix) => `${prefix}/alerts`))
@Access('viewer')
@UseGuards(ThrottlerGuard)
export class AdminAlertsController {
  constructor(
    private readonly alerts: Alerts,
    private readonly deliveries: Deliveries,
  ) {}

  @Get()
  @ListAlertsDocs()
  async list(@Query() { kind, limit, after }: AlertsQueryDto): Promise<AlertListDto> {
    const found = await this.alerts.list({ kind, after, limit: limit + 1 });
    return toPage(found.map(toAlertDto), limit);
  }

  @Get('deliveries')
  @ListDeliveriesDocs()
  async listDeliveries(@Query() { state, webhook_id, limit, after }: DeliveriesQueryDto): Promise<DeliveryListDto> {
    const found = await this.deliveries.list({ state, webhookId: webhook_id, after, limit: limit + 1 });
    return toPage(found.map(toDeliveryDto), limit);
  }

  @Post('deliveries/:id/retry')
  @HttpCode(200)
  @Access('admin')
  @RetryDeliveryDocs()
  async retry(@Param('id') id: string, @Req() request: GatewayRequest): Promise<DeliveryDto> {
    return toDeliveryDto(required(await this.deliveries.retry(id, actorOf(request)), { kind: 'delivery', id }));
  }
}
