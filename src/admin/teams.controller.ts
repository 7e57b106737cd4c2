import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ThrottlerGuard } from '@nestjs/throttler';
import { GatewayError } from '../core/errors.js';
import { type Team, type TeamChanges, TeamsService, toTeamWire } from '../keys/index.js';
import { Access, ADMIN, callerOf, type GatewayRequest } from '../platform/index.js';
import { actorOf } from './actor.js';
import { givenOf } from './given.js';
import { toLimitFields } from './limits.dto.js';
import { toPage } from './page.dto.js';
import { required } from './required.js';
import { ChangeTeamDocs, CreateTeamDocs, DeleteTeamDocs, ListTeamsDocs, ReadTeamDocs } from './teams.docs.js';
import { ChangeTeamDto, CreateTeamDto, type DeletedTeamDto, type TeamDto, type TeamListDto, TeamsQueryDto } from './teams.dto.js';

/** Several keys with one purse. */
@ApiTags('Administration')
@Controller(ADMIN.map((prefix) => `${prefix}/teams`))
@Access('viewer')
@UseGuards(ThrottlerGuard)
export class AdminTeamsController {
  constructor(private readonly teams: TeamsService) {}

  @Post()
  @HttpCode(200)
  @Access('admin')
  @CreateTeamDocs()
  async create(@Body() order: CreateTeamDto, @Req() request: GatewayRequest): Promise<TeamDto> {
    return toTeamWire(await this.teams.create({ ...toChanges(order), name: order.name }, actorOf(request)));
  }

  @Get()
  @ListTeamsDocs()
  async list(@Query() { name, state, limit, after }: TeamsQueryDto): Promise<TeamListDto> {
    const disabled = state && state === 'disabled';
    return toPage(await this.teams.list({ nameContains: name, disabled, before: after, limit: limit + 1 }), limit, toTeamWire);
  }

  @Get(':id')
  @ReadTeamDocs()
  async read(@Param('id') id: string): Promise<TeamDto> {
    return toTeamWire(known(await this.teams.find(id), id));
  }

  @Patch(':id')
  @Access('admin')
  @ChangeTeamDocs()
  async change(@Param('id') id: string, @Body() order: ChangeTeamDto, @Req() request: GatewayRequest): Promise<TeamDto> {
    if (order.disabled && callerOf(request).team?.id === id.toLowerCase()) throw lockedOut();
    return toTeamWire(known(await this.teams.change(id, toChanges(order), actorOf(request)), id));
  }

  @Delete(':id')
  @Access('admin')
  @DeleteTeamDocs()
  async delete(@Param('id') id: string, @Req() request: GatewayRequest): Promise<DeletedTeamDto> {
    const { id: deleted } = known(await this.teams.delete(id, actorOf(request)), id);
    return { id: deleted, deleted: true };
  }
}

function toChanges(dto: ChangeTeamDto): TeamChanges {
  return givenOf<TeamChanges>({ name: dto.name, disabled: dto.disabled, models: dto.models, ...toLimitFields(dto) });
}

function known(team: Team | undefined, id: string): Team {
  return required(team, { kind: 'team', id, hint: '`GET /v1/admin/teams` lists them.' });
}

function lockedOut(): GatewayError {
  return new GatewayError('conflict', 'This is the team of the key that you are calling with. Disable it with a key outside the team.');
}
