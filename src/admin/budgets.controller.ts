import { Body, Controller, Delete, Get, HttpCode, Param, Patch, Post, Query, Req, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ThrottlerGuard } from '@nestjs/throttler';
import { type Budget, BudgetsService } from '../limits/index.js';
import { Access, ADMIN, type GatewayRequest } from '../platform/index.js';
import { actorOf } from './actor.js';
import { ChangeBudgetDocs, CreateBudgetDocs, DeleteBudgetDocs, ListBudgetsDocs, ReadBudgetDocs, ResetBudgetDocs } from './budgets.docs.js';
import {
  type BudgetDto,
  type BudgetListDto,
  BudgetsQueryDto,
  ChangeBudgetDto,
  CreateBudgetDto,
  type DeletedBudgetDto,
} from './budgets.dto.js';
import { toBudgetChanges, toBudgetDto, toBudgetWishes } from './budgets-mapping.js';
import { required } from './required.js';

/** How much money may be spent by whom. */
@ApiTags('Administration')
@Controller(ADMIN.map((prefix) => `${prefix}/budgets`))
@Access('viewer')
@UseGuards(ThrottlerGuard)
export class AdminBudgetsController {
  constructor(private readonly budgets: BudgetsService) {}

  @Post()
  @HttpCode(200)
  @Access('admin')
  @CreateBudgetDocs()
  async create(@Body() order: CreateBudgetDto, @Req() request: GatewayRequest): Promise<BudgetDto> {
    return this.shown(await this.budgets.create(toBudgetWishes(order), actorOf(request)));
  }

  @Get()
  @ListBudgetsDocs()
  async list(@Query() { scope, subject, tenant, limit, after }: BudgetsQueryDto): Promise<BudgetListDto> {
    // One more than asked for tells whether there are more.
    const found = await this.budgets.list({ scope, subject, tenant, before: after, limit: limit + 1 });
    const standings = await this.budgets.standings(found.slice(0, limit));
    const data = standings.map((standing) => toBudgetDto(standing));
    return { object: 'list', data, has_more: found.length > limit, last_id: data.at(-1)?.id ?? null };
  }

  @Get(':id')
  @ReadBudgetDocs()
  async read(@Param('id') id: string): Promise<BudgetDto> {
    return this.shown(required(await this.budgets.find(id), { kind: 'budget', id }));
  }

  @Patch(':id')
  @Access('admin')
  @ChangeBudgetDocs()
  async change(@Param('id') id: string, @Body() order: ChangeBudgetDto, @Req() request: GatewayRequest): Promise<BudgetDto> {
    return this.shown(required(await this.budgets.change(id, toBudgetChanges(order), actorOf(request)), { kind: 'budget', id }));
  }

  @Post(':id/reset')
  @HttpCode(200)
  @Access('admin')
  @ResetBudgetDocs()
  async reset(@Param('id') id: string, @Req() request: GatewayRequest): Promise<BudgetDto> {
    return this.shown(required(await this.budgets.reset(id, actorOf(request)), { kind: 'budget', id }));
  }

  @Delete(':id')
  @Access('admin')
  @DeleteBudgetDocs()
  async delete(@Param('id') id: string, @Req() request: GatewayRequest): Promise<DeletedBudgetDto> {
    const { id: deleted } = required(await this.budgets.delete(id, actorOf(request)), { kind: 'budget', id });
    return { id: deleted, deleted: true };
  }

  private async shown(budget: Budget): Promise<BudgetDto> {
    const [standing] = await this.budgets.standings([budget]);
    return toBudgetDto(standing!);
  }
}
