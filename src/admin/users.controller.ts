import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ThrottlerGuard } from '@nestjs/throttler';
import { GatewayError } from '../core/errors.js';
import { type EndUser, type EndUserChanges, EndUsersService, toEndUserWire, type Whose } from '../keys/index.js';
import { Access, ADMIN, type GatewayRequest } from '../platform/index.js';
import { actorOf } from './actor.js';
import { givenOf } from './given.js';
import { toLimitFields } from './limits.dto.js';
import { toPage } from './page.dto.js';
import { required } from './required.js';
import { ChangeEndUserDocs, CreateEndUserDocs, DeleteEndUserDocs, ListEndUsersDocs, ReadEndUserDocs } from './users.docs.js';
import {
  ChangeEndUserDto,
  CreateEndUserDto,
  type DeletedEndUserDto,
  type EndUserDto,
  type EndUserListDto,
  EndUsersQueryDto,
} from './users.dto.js';

/** The end users about whom something was decided. */
@ApiTags('Administration')
@Controller(ADMIN.map((prefix) => `${prefix}/users`))
@Access('viewer')
@UseGuards(ThrottlerGuard)
export class AdminUsersController {
  constructor(private readonly users: EndUsersService) {}

  @Post()
  @HttpCode(200)
  @Access('admin')
  @CreateEndUserDocs()
  async create(@Body() order: CreateEndUserDto, @Req() request: GatewayRequest): Promise<EndUserDto> {
    const wishes = { ...toChanges(order), userId: order.user_id };
    return toEndUserWire(await this.users.create(whoseOf(order), wishes, actorOf(request)));
  }

  @Get()
  @ListEndUsersDocs()
  async list(@Query() { tenant, user_id: userId, state, limit, after }: EndUsersQueryDto): Promise<EndUserListDto> {
    const disabled = state && state === 'disabled';
    return toPage(await this.users.list({ tenant, userId, disabled, before: after, limit: limit + 1 }), limit, toEndUserWire);
  }

  @Get(':id')
  @ReadEndUserDocs()
  async read(@Param('id') id: string): Promise<EndUserDto> {
    return toEndUserWire(known(await this.users.find(id), id));
  }

  @Patch(':id')
  @Access('admin')
  @ChangeEndUserDocs()
  async change(@Param('id') id: string, @Body() order: ChangeEndUserDto, @Req() request: GatewayRequest): Promise<EndUserDto> {
    return toEndUserWire(known(await this.users.change(id, toChanges(order), actorOf(request)), id));
  }

  @Delete(':id')
  @Access('admin')
  @DeleteEndUserDocs()
  async delete(@Param('id') id: string, @Req() request: GatewayRequest): Promise<DeletedEndUserDto> {
    const { id: deleted } = known(await this.users.delete(id, actorOf(request)), id);
    return { id: deleted, deleted: true };
  }
}

function toChanges(dto: ChangeEndUserDto): EndUserChanges {
  return givenOf<EndUserChanges>({ name: dto.name, disabled: dto.disabled, models: dto.models, ...toLimitFields(dto) });
}

function whoseOf({ team, key }: CreateEndUserDto): Whose {
  if (team !== undefined && key === undefined) return { team };
  if (key !== undefined && team === undefined) return { key };
  const message = 'Say whose end user it is: send either `team`, the id of a team, or `key`, a key that has no team.';
  throw new GatewayError('invalid_request', message, { param: 'team' });
}

function known(user: EndUser | undefined, id: string): EndUser {
  const hint = 'End users are named by the id of their record; `GET /v1/admin/users?user_id=…` finds it.';
  return required(user, { kind: 'end user', id, hint });
}
