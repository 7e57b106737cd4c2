import { Controller, Get, Param, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiTags } from '@nestjs/swagger';
import { ThrottlerGuard } from '@nestjs/throttler';
import { Access, ApiErrors, V1 } from '../platform/index.js';
import { ModelDto, ModelListDto } from './models.dto.js';
import { ModelsService } from './models.service.js';

/** Which models this key can use. */
@ApiTags('Models')
@Controller(V1)
@Access('key')
@UseGuards(ThrottlerGuard)
export class ModelsController {
  constructor(private readonly models: ModelsService) {}

  @Get('models')
  @ApiOperation({ summary: 'List models', description: "OpenAI's list, with providers, context window and prices where they are known." })
  @ApiOkResponse({ type: ModelListDto })
  @ApiErrors(401, 429)
  list(): ModelListDto {
    return { object: 'list', data: this.models.list() };
  }

  @Get('models/*')
  @ApiOperation({ summary: 'Read one model', description: 'By any name that a call could use; names may contain slashes.' })
  @ApiParam({ name: 'id', example: 'echo' })
  @ApiOkResponse({ type: ModelDto })
  @ApiErrors(401, 404, 429)
  read(@Param('*') name: string): ModelDto {
    return this.models.get(name);
  }
}
