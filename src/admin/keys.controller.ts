import { Body, Controller, Delete, Get, HttpCode, Inject, Param, Patch, Post, Query, Req, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ThrottlerGuard } from '@nestjs/throttler';
import { CLOCK, type Clock } from '../core/clock.js';
import { GatewayError } from '../core/errors.js';
import { type KeyRecord, KeysService, type NewKey } from '../keys/index.js';
import { Access, type Actor, ADMIN, callerOf, type GatewayRequest } from '../platform/index.js';
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
  async list(@Query() { name, role, state, limit, after }: KeysQueryDto): Promise<KeyListDto> {
    // One more than asked for tells whether there are more.
    const found = await this.keys.list({ nameContains: name, role, state, before: after, limit: limit + 1 });
    const data = found.slice(0, limit).map((record) => this.shown(record));
    return { object: 'list', data, has_more: found.length > limit, last_id: data.at(-1)?.id ?? null };
  }

  @Get(':id')
  @ReadKeyDocs()
  async read(@Param('id') id: string): Promise<KeyDto> {
    return this.shown(required(await this.keys.find(id), id));
  }

  @Patch(':id')
  @Access('admin')
  @ChangeKeyDocs()
  async change(@Param('id') id: string, @Body() order: ChangeKeyDto, @Req() request: GatewayRequest): Promise<KeyDto> {
    const changes = toChanges(order, this.clock.now());
    return this.shown(required(await this.keys.change(id, changes, actorOf(request)), id));
  }

  @Post(':id/rotate')
  @HttpCode(200)
  @Access('admin')
  @RotateKeyDocs()
  async rotate(@Param('id') id: string, @Body() order: RotateKeyDto, @Req() request: GatewayRequest): Promise<NewKeyDto> {
    const overlapMs = (order.overlap_seconds ?? DAY_SECONDS) * 1_000;
    return this.withSecret(required(await this.keys.rotate(id, overlapMs, actorOf(request)), id));
  }

  @Post(':id/revoke')
  @HttpCode(200)
  @Access('admin')
  @RevokeKeyDocs()
  async revoke(@Param('id') id: string, @Req() request: GatewayRequest): Promise<KeyDto> {
    return this.shown(required(await this.keys.revoke(id, actorOf(request)), id));
  }

  @Delete(':id')
  @Access('admin')
  @DeleteKeyDocs()
  async delete(@Param('id') id: string, @Req() request: GatewayRequest): Promise<DeletedKeyDto> {
    const { id: deleted } = required(await this.keys.delete(id, actorOf(request)), id);
    return { id: deleted, deleted: true };
  }

  private shown(record: KeyRecord): KeyDto {
    return toKeyDto(record, this.clock.now());
  }

  private withSecret({ key, record }: NewKey): NewKeyDto {
    return { ...this.shown(record), key };
  }
}

function actorOf(request: GatewayRequest): Actor {
  const { keyId, keyName } = callerOf(request);
  return { id: keyId, name: keyName };
}

function required<T>(found: T | undefined, id: string): T {
  if (found !== undefined) return found;
  const shortened = id.length > 100 ? `${id.slice(0, 100)}…` : id;
  const message = `There is no key \`${shortened}\`. Keys of API_KEYS and ADMIN_API_KEYS are changed in the environment.`;
  throw new GatewayError('not_found', message);
}
