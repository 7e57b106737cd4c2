import { Controller, Get, UseGuards } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { ThrottlerGuard } from '@nestjs/throttler';
import { Access, ADMIN, ApiErrors, LiveConfig } from '../platform/index.js';
import { RunningConfigDto } from './config.dto.js';

@ApiTags('Administration')
@Controller(ADMIN)
@Access('viewer')
@UseGuards(ThrottlerGuard)
export class ConfigController {
  constructor(private readonly live: LiveConfig) {}

  @Get('config')
  @ApiOperation({
    summary: 'The running configuration',
    description: 'Of the process that answers: its version, every value with where it came from, and why the file was refused if it was.',
  })
  @ApiOkResponse({ type: RunningConfigDto })
  @ApiErrors(401, 403, 429)
  read(): RunningConfigDto {
    const { version, loadedAt, file, lastProblem, settings } = this.live;
    return {
      version,
      loaded_at: new Date(loadedAt).toISOString(),
      file: file ?? null,
      last_problem: lastProblem ? { at: new Date(lastProblem.at).toISOString(), problems: [...lastProblem.problems] } : null,
      settings: [...settings],
    };
  }
}
