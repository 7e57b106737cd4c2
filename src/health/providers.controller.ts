import { Controller, Get, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ThrottlerGuard } from '@nestjs/throttler';
import { ProviderStates } from '../chat/index.js';
import { Access, ApiErrors, V1 } from '../platform/index.js';
import { ProviderListDto } from './providers.dto.js';

/** How the providers are, for everybody who may call. */
@ApiTags('Models')
@Controller()
@Access('key')
@UseGuards(ThrottlerGuard)
export class ProvidersController {
  constructor(private readonly states: ProviderStates) {}

  @Get([...V1.map((prefix) => `${prefix}/providers`), 'providers'])
  @ApiOperation({
    summary: 'How the providers are',
    description: 'Each provider in order of priority: its models, whether calls get through, and how those of the last minutes went.',
  })
  @ApiOkResponse({ type: ProviderListDto })
  @ApiErrors(401, 429)
  list(): ProviderListDto {
    return { object: 'list', data: this.states.list() };
  }
}
