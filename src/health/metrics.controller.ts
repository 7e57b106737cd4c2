import { Controller, Get, Header, Headers, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { ProviderStates } from '../chat/index.js';
import { Access, CallMetrics, ProviderStatistics } from '../platform/index.js';
import { prefersJson } from './accept.js';
import { JsonMetricsDocs, MetricsDocs } from './metrics.docs.js';
import type { ProviderMetricsDto } from './provider-metrics.dto.js';

interface MetricsDto {
  readonly providers: Readonly<Record<string, ProviderMetricsDto>>;
}

@ApiTags('Health')
@Controller()
@Access('metrics')
export class MetricsController {
  constructor(
    private readonly metrics: CallMetrics,
    private readonly states: ProviderStates,
    private readonly statistics: ProviderStatistics,
  ) {}

  @Get('metrics')
  @Header('cache-control', 'no-store')
  @Header('vary', 'accept')
  @MetricsDocs()
  async read(@Headers('accept') accept: string | undefined, @Res({ passthrough: true }) reply: FastifyReply): Promise<string | MetricsDto> {
    if (prefersJson(accept)) return this.readJson();
    void reply.type(this.metrics.contentType);
    return this.metrics.render();
  }

  @Get('metrics.json')
  @Header('cache-control', 'no-store')
  @JsonMetricsDocs()
  readJson(): MetricsDto {
    return { providers: Object.fromEntries(this.states.names().map((name) => [name, this.toFigures(name)])) };
  }

  private toFigures(provider: string): ProviderMetricsDto {
    const { requests, errors } = this.statistics.totals(provider);
    const { averageMs } = this.statistics.latency(provider);
    return {
      total_requests: requests,
      success_rate: this.statistics.outcomes(provider).successRate ?? null,
      avg_response_time: averageMs === undefined ? null : averageMs / 1000,
      error_counts: Object.fromEntries(errors),
    };
  }
}
