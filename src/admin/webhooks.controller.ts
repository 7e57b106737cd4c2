import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Req, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ThrottlerGuard } from '@nestjs/throttler';
import { Webhooks } from '../alerts/index.js';
import { Access, ADMIN, type GatewayRequest } from '../platform/index.js';
import { requireFound, toActor } from './alerts-mapping.js';
import {
  ChangeWebhookDocs,
  CreateWebhookDocs,
  DeleteWebhookDocs,
  ListWebhooksDocs,
  ReadWebhookDocs,
  TestWebhookDocs,
} from './webhooks.docs.js';
import {
  ChangeWebhookDto,
  CreateWebhookDto,
  type DeletedWebhookDto,
  type WebhookDto,
  type WebhookListDto,
  type WebhookTestDto,
  type WebhookWithSecretDto,
} from './webhooks.dto.js';
import { toWebhookChanges, toWebhookDto, toWebhookTestDto } from './webhooks-mapping.js';

/** Where alerts are sent. */
@ApiTags('Administration')
@Controller(ADMIN.map((prefix) => `${prefix}/alerts/webhooks`))
@Access('viewer')
@UseGuards(ThrottlerGuard)
export class AdminWebhooksController {
  constructor(private readonly webhooks: Webhooks) {}

  @Post()
  @HttpCode(200)
  @Access('admin')
  @CreateWebhookDocs()
  async create(@Body() order: CreateWebhookDto, @Req() request: GatewayRequest): Promise<WebhookWithSecretDto> {
    const wishes = { ...toWebhookChanges(order), name: order.name, url: order.url };
    const { webhook, secret } = await this.webhooks.create(wishes, toActor(request));
    return { ...toWebhookDto(webhook), secret: secret ?? null };
  }

  @Get()
  @ListWebhooksDocs()
  async list(): Promise<WebhookListDto> {
    const found = await this.webhooks.list();
    return { object: 'list', data: found.map(toWebhookDto) };
  }

  @Get(':id')
  @ReadWebhookDocs()
  async read(@Param('id') id: string): Promise<WebhookDto> {
    return toWebhookDto(requireFound(await this.webhooks.find(id), 'webhook', id));
  }

  @Patch(':id')
  @Access('admin')
  @ChangeWebhookDocs()
  async change(@Param('id') id: string, @Body() order: ChangeWebhookDto, @Req() request: GatewayRequest): Promise<WebhookWithSecretDto> {
    const changed = await this.webhooks.change(id, toWebhookChanges(order), toActor(request));
    const { webhook, secret } = requireFound(changed, 'webhook', id);
    return { ...toWebhookDto(webhook), secret: secret ?? null };
  }

  @Delete(':id')
  @Access('admin')
  @DeleteWebhookDocs()
  async delete(@Param('id') id: string, @Req() request: GatewayRequest): Promise<DeletedWebhookDto> {
    const { id: deleted } = requireFound(await this.webhooks.delete(id, toActor(request)), 'webhook', id);
    return { id: deleted, deleted: true };
  }

  @Post(':id/test')
  @HttpCode(200)
  @Access('admin')
  @TestWebhookDocs()
  async test(@Param('id') id: string): Promise<WebhookTestDto> {
    return toWebhookTestDto(requireFound(await this.webhooks.test(id), 'webhook', id));
  }
}
