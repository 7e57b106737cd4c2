import { Controller, Get, Inject, Param, Query, Req, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ThrottlerGuard } from '@nestjs/throttler';
import { type Caller, END_USERS, type EndUsers } from '../core/caller.js';
import { CLOCK, type Clock } from '../core/clock.js';
import { GatewayError } from '../core/errors.js';
import { ADMISSION, type Admission, type LimitReading } from '../limits/index.js';
import { Access, callerOf, type GatewayRequest, V1 } from '../platform/index.js';
import { BudgetDocs, RateLimitsDocs, UserRateLimitsDocs } from './limits.docs.js';
import { type BindingBudgetListDto, type RateLimitListDto, UserLimitsQueryDto } from './limits.dto.js';
import { toBindingBudgets, toRateLimits } from './limits-mapping.js';

/** How much callers may still do. */
@ApiTags('Limits')
@Controller(V1)
@Access('key')
@UseGuards(ThrottlerGuard)
export class LimitsController {
  constructor(
    @Inject(ADMISSION) private readonly admission: Pick<Admission, 'look'>,
    @Inject(END_USERS) private readonly users: EndUsers,
    @Inject(CLOCK) private readonly clock: Pick<Clock, 'now'>,
  ) {}

  @Get('rate-limit')
  @RateLimitsDocs()
  async rateLimits(@Req() request: GatewayRequest): Promise<RateLimitListDto> {
    const caller = callerOf(request);
    return { object: 'list', data: toRateLimits(await this.look(caller, caller.user), this.clock.now()) };
  }

  @Get('rate-limit/:user_id')
  @UserRateLimitsDocs()
  async userRateLimits(
    @Param('user_id') userId: string,
    @Query() { tenant }: UserLimitsQueryDto,
    @Req() request: GatewayRequest,
  ): Promise<RateLimitListDto> {
    const readings = await this.look(onBehalfOf(callerOf(request), userId, tenant), userId);
    const ofUser = readings.filter(({ scope }) => scope === 'user');
    return { object: 'list', data: toRateLimits(ofUser, this.clock.now()) };
  }

  @Get('budget')
  @BudgetDocs()
  async budgets(@Req() request: GatewayRequest): Promise<BindingBudgetListDto> {
    const caller = callerOf(request);
    return { object: 'list', data: toBindingBudgets(await this.look(caller, caller.user), this.clock.now()) };
  }

  private look(caller: Caller, userId: string | undefined): Promise<readonly LimitReading[]> {
    const user = userId === undefined ? undefined : this.users.find(caller.tenant, userId);
    return this.admission.look({ caller, userId, user });
  }
}

/** Through whose eyes an end user is seen: a client's own, or for those who read the administration those of any tenant. */
function onBehalfOf(caller: Caller, userId: string, tenant: string | undefined): Caller {
  if (caller.role === 'client') {
    if (tenant !== undefined)
      throw new GatewayError('forbidden', '`tenant` is for administrators. Leave it out to read the limits within your own.');
    if (caller.user !== undefined && caller.user !== userId)
      throw new GatewayError('forbidden', 'This token may read the limits of its own subject alone.');
    return caller;
  }
  return tenant === undefined ? caller : { keyId: tenant, keyName: tenant, role: 'client', tenant };
}
