import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { Access, V1 } from '../platform/index.js';
import { DetailedHealthDto, HealthDto } from './health.dto.js';
import { HealthService } from './health.service.js';

@ApiTags('Health')
@Controller()
@Access('open')
export class HealthController {
  constructor(private readonly health: HealthService) {}

  @Get('health')
  @ApiOperation({ summary: 'How the gateway is', description: 'Status, version and uptime.' })
  @ApiOkResponse({ type: HealthDto })
  summary(): HealthDto {
    return this.health.summary();
  }

  @Get(V1.map((prefix) => `${prefix}/health`))
  @ApiOperation({
    summary: 'How the gateway and what it stands on are',
    description: 'Database, Redis and every provider by name; no addresses, no secrets.',
  })
  @ApiOkResponse({ type: DetailedHealthDto })
  details(): DetailedHealthDto {
    return this.health.details();
  }
}
