import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Req, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ThrottlerGuard } from '@nestjs/throttler';
import { Webhooks } from '../alerts/index.js';
import { Access, ADMIN, type GatewayRequest } from '../platform/index.js';
import { actorOf } from './actor.js';
import { required } from './required.js';
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
    const { webhook, secret } = await this.webhooks.create(wishes, actorOf(request));
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
    return toWebhookDto(required(await this.webhooks.find(id), { kind: 'webhook', id }));
  }

  @Patch(':id')
  @Access('admin')
  @ChangeWebhookDocs()
  async change(@Param('id') id: string, @Body() order: ChangeWebhookDto, @Req() request: GatewayRequest): Promise<WebhookWithSecretDto> {
    const changed = await this.webhooks.change(id, toWebhookChanges(order), actorOf(request));
    const { webhook, secret } = required(changed, { kind: 'webhook', id });
    return { ...toWebhookDto(webhook), secret: secret ?? null };
  }

  @Delete(':id')
  @Access('admin')
  @DeleteWebhookDocs()
  async delete(@Param('id') id: string, @Req() request: GatewayRequest): Promise<DeletedWebhookDto> {
    const { id: deleted } = required(await this.webhooks.delete(id, actorOf(request)), { kind: 'webhook', id });
    return { id: deleted, deleted: true };
  }

  @Post(':id/test')
  @HttpCode(200)
  @Access('admin')
  @TestWebhookDocs()
  async test(@Param('id') id: string): Promise<WebhookTestDto> {
    return toWebhookTestDto(required(await this.webhooks.test(id), { kind: 'webhook', id }));
  }
}
