import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query, Req, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ThrottlerGuard } from '@nestjs/throttler';
import { CLOCK, type Clock } from '../core/clock.js';
import { type KeyRecord, KeysService, type NewKey } from '../keys/index.js';
import { Access, ADMIN, type GatewayRequest } from '../platform/index.js';
import { actorOf } from './actor.js';
import { ChangeKeyDocs, CreateKeyDocs, DeleteKeyDocs, ListKeysDocs, ReadKeyDocs, RevokeKeyDocs, RotateKeyDocs } from './keys.docs.js';
import {
  ChangeKeyDto,
  CreateKeyDto,
  type DeletedKeyDto,
  type KeyDto,
  type KeyListDto,
  KeysQueryDto,
  type NewKeyDto,
  RotateKeyDto,
} from './keys.dto.js';
import { toChanges, toKeyDto } from './keys-mapping.js';
import { toPage } from './page.dto.js';
import { required } from './required.js';

const DAY_SECONDS = 86_400;

/** The keys that are stored; those of the environment are changed there. */
@ApiTags('Administration')
@Controller(ADMIN.map((prefix) => `${prefix}/keys`))
@Access('viewer')
@UseGuards(ThrottlerGuard)
export class AdminKeysController {
  constructor(
    private readonly keys: KeysService,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  @Post()
  @HttpCode(200)
  @Access('admin')
  @CreateKeyDocs()
  async create(@Body() order: CreateKeyDto, @Req() request: GatewayRequest): Promise<NewKeyDto> {
    const wishes = { role: 'client' as const, ...toChanges(order, this.clock.now()), name: order.name };
    return this.withSecret(await this.keys.create(wishes, actorOf(request)));
  }

  @Get()
  @ListKeysDocs()
  async list(@Query() { name, role, team, state, limit, after }: KeysQueryDto): Promise<KeyListDto> {
    const question = { nameContains: name, role, teamId: team, state, before: after, limit: limit + 1 };
    return toPage(await this.keys.list(question), limit, (record) => this.shown(record));
  }

  @Get(':id')
  @ReadKeyDocs()
  async read(@Param('id') id: string): Promise<KeyDto> {
    return this.shown(known(await this.keys.find(id), id));
  }

  @Patch(':id')
  @Access('admin')
  @ChangeKeyDocs()
  async change(@Param('id') id: string, @Body() order: ChangeKeyDto, @Req() request: GatewayRequest): Promise<KeyDto> {
    const changes = toChanges(order, this.clock.now());
    return this.shown(known(await this.keys.change(id, changes, actorOf(request)), id));
  }

  @Post(':id/rotate')
  @HttpCode(200)
  @Access('admin')
  @RotateKeyDocs()
  async rotate(@Param('id') id: string, @Body() order: RotateKeyDto, @Req() request: GatewayRequest): Promise<NewKeyDto> {
    const overlapMs = (order.overlap_seconds ?? DAY_SECONDS) * 1_000;
    return this.withSecret(known(await this.keys.rotate(id, overlapMs, actorOf(request)), id));
  }

  @Post(':id/revoke')
  @HttpCode(200)
  @Access('admin')
  @RevokeKeyDocs()
  async revoke(@Param('id') id: string, @Req() request: GatewayRequest): Promise<KeyDto> {
    return this.shown(known(await this.keys.revoke(id, actorOf(request)), id));
  }

  @Delete(':id')
  @Access('admin')
  @DeleteKeyDocs()
  async delete(@Param('id') id: string, @Req() request: GatewayRequest): Promise<DeletedKeyDto> {
    const { id: deleted } = known(await this.keys.delete(id, actorOf(request)), id);
    return { id: deleted, deleted: true };
  }

  private shown(record: KeyRecord): KeyDto {
    return toKeyDto(record, this.clock.now());
  }

  private withSecret({ key, record }: NewKey): NewKeyDto {
    return { ...this.shown(record), key };
  }
}

function known<T>(found: T | undefined, id: string): T {
  return required(found, { kind: 'key', id, hint: 'Keys of API_KEYS and ADMIN_API_KEYS are changed in the environment.' });
}
