import { Controller, Get, Headers, Param, Query, Req, UseGuards } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ThrottlerGuard } from '@nestjs/throttler';
import { Access, callerOf, type GatewayRequest, V1 } from '../platform/index.js';
import { type ListQuery, toAnthropicModel, toAnthropicPage } from './models.anthropic.js';
import { ListModelsDocs, ReadModelDocs } from './models.docs.js';
import type { AnthropicModelDto, AnthropicModelListDto, ModelDto, ModelListDto } from './models.dto.js';
import { ModelsService } from './models.service.js';

/** Which models this key can use, in the words of whoever asks. */
@ApiTags('Models')
@Controller(V1)
@Access('key')
@UseGuards(ThrottlerGuard)
export class ModelsController {
  constructor(private readonly models: ModelsService) {}

  @Get('models')
  @ListModelsDocs()
  list(
    @Headers('anthropic-version') anthropicVersion: string | undefined,
    @Query() query: ListQuery,
    @Req() request: GatewayRequest,
  ): ModelListDto | AnthropicModelListDto {
    const data = this.models.list(callerOf(request));
    return anthropicVersion === undefined ? { object: 'list', data } : toAnthropicPage(data, query);
  }

  @Get('models/*')
  @ReadModelDocs()
  read(
    @Headers('anthropic-version') anthropicVersion: string | undefined,
    @Param('*') name: string,
    @Req() request: GatewayRequest,
  ): ModelDto | AnthropicModelDto {
    const model = this.models.get(name, callerOf(request));
    return anthropicVersion === undefined ? model : toAnthropicModel(model);
  }
}
