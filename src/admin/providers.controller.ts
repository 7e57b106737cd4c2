import { Body, Controller, Get, HttpCode, Param, Post, Req, UseGuards, UseInterceptors } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { ThrottlerGuard } from '@nestjs/throttler';
import { CostInterceptor, ProviderTest, ProviderTestDto } from '../chat/index.js';
import { Access, ADMIN, ApiErrors, callerOf, type GatewayRequest } from '../platform/index.js';
import { AdminProviderDto, AdminProviderListDto, BreakerOrderDto, BreakerResetDto, ProviderTestOrderDto } from './providers.dto.js';
import { AdminProvidersService } from './providers.service.js';

const NAME = { name: 'name', description: 'As in the configuration.', example: 'echo' };
const EVERYWHERE = 'Holds in every process within a second, and after a restart.';

@ApiTags('Administration')
@Controller(ADMIN.map((prefix) => `${prefix}/providers`))
@Access('viewer')
@UseGuards(ThrottlerGuard)
export class AdminProvidersController {
  constructor(
    private readonly providers: AdminProvidersService,
    private readonly tests: ProviderTest,
  ) {}

  @Get()
  @ApiOperation({ summary: 'State of every provider' })
  @ApiOkResponse({ type: AdminProviderListDto })
  @ApiErrors(401, 403, 429)
  list(): AdminProviderListDto {
    return { object: 'list', data: this.providers.list() };
  }

  @Get(':name')
  @ApiOperation({ summary: 'State of one provider' })
  @ApiParam(NAME)
  @ApiOkResponse({ type: AdminProviderDto })
  @ApiErrors(401, 403, 404, 429)
  read(@Param('name') name: string): AdminProviderDto {
    return this.providers.get(name);
  }

  @Post(':name/test')
  @HttpCode(200)
  @Access('admin')
  @UseInterceptors(CostInterceptor)
  @ApiOperation({
    summary: 'Ask a provider something for real',
    description:
      'One tiny call, also to a provider that is switched off or whose breaker is open. It is not tried again, but for another of its keys, and has its row in the ledger like every call of the key that asks. The status is 200 whatever came of it: see `ok`.',
  })
  @ApiParam(NAME)
  @ApiBody({ type: ProviderTestOrderDto, required: false, examples: { usual: { value: {} }, model: { value: { model: 'echo' } } } })
  @ApiOkResponse({ type: ProviderTestDto })
  @ApiErrors(400, 401, 403, 404, 409, 429)
  test(@Param('name') provider: string, @Body() { model }: ProviderTestOrderDto, @Req() request: GatewayRequest): Promise<ProviderTestDto> {
    const order = { provider, model, requestId: request.id, caller: callerOf(request) };
    return this.tests.run(order, (settlement) => (request.settlement = settlement));
  }

  @Post(':name/breaker')
  @HttpCode(200)
  @Access('admin')
  @ApiOperation({
    summary: "Hold a provider's breaker open or closed, or leave it to itself",
    description: `What is said of one model counts more than what is said of all. ${EVERYWHERE}`,
  })
  @ApiParam(NAME)
  @ApiBody({
    type: BreakerOrderDto,
    examples: {
      open: { summary: 'Keep calls away', value: { state: 'open' } },
      one: { summary: 'Let all calls of one model through', value: { state: 'closed', model: 'echo' } },
      auto: { summary: 'As calls tell', value: { state: 'auto' } },
    },
  })
  @ApiOkResponse({ type: AdminProviderDto })
  @ApiErrors(400, 401, 403, 404, 409, 429, 503)
  force(@Param('name') name: string, @Body() order: BreakerOrderDto, @Req() request: GatewayRequest): Promise<AdminProviderDto> {
    return this.providers.force(name, order, callerOf(request));
  }

  @Post(':name/breaker/reset')
  @HttpCode(200)
  @Access('admin')
  @ApiOperation({
    summary: "Close a provider's breaker",
    description: 'Forgets what was counted, so that the next calls are let through. A breaker that is held open or closed stays so.',
  })
  @ApiParam(NAME)
  @ApiBody({ type: BreakerResetDto, required: false, examples: { all: { value: {} }, one: { value: { model: 'echo' } } } })
  @ApiOkResponse({ type: AdminProviderDto })
  @ApiErrors(400, 401, 403, 404, 409, 429)
  reset(@Param('name') name: string, @Body() { model }: BreakerResetDto, @Req() request: GatewayRequest): AdminProviderDto {
    return this.providers.reset(name, model, callerOf(request));
  }

  @Post(':name/enable')
  @HttpCode(200)
  @Access('admin')
  @ApiOperation({ summary: 'Switch a provider on again', description: EVERYWHERE })
  @ApiParam(NAME)
  @ApiOkResponse({ type: AdminProviderDto })
  @ApiErrors(401, 403, 404, 409, 429, 503)
  enable(@Param('name') name: string, @Req() request: GatewayRequest): Promise<AdminProviderDto> {
    return this.providers.setEnabled(name, true, callerOf(request));
  }

  @Post(':name/disable')
  @HttpCode(200)
  @Access('admin')
  @ApiOperation({
    summary: 'Switch a provider off',
    description: `No new call goes there; those in flight finish. ${EVERYWHERE}`,
  })
  @ApiParam(NAME)
  @ApiOkResponse({ type: AdminProviderDto })
  @ApiErrors(401, 403, 404, 409, 429, 503)
  disable(@Param('name') name: string, @Req() request: GatewayRequest): Promise<AdminProviderDto> {
    return this.providers.setEnabled(name, false, callerOf(request));
  }
}
