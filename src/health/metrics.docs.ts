import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiOkResponse, ApiOperation, getSchemaPath } from '@nestjs/swagger';
import { ApiErrors } from '../platform/index.js';
import { ProviderMetricsDto } from './provider-metrics.dto.js';

const AUDIENCE = 'For METRICS_TOKEN as a bearer token, or an admin or viewer key.';

const BY_PROVIDER = {
  type: 'object',
  required: ['providers'],
  properties: { providers: { type: 'object', additionalProperties: { $ref: getSchemaPath(ProviderMetricsDto) } } },
  example: {
    providers: {
      echo: { total_requests: 1204, success_rate: 0.9917, avg_response_time: 1.234, error_counts: { upstream_timeout: 2 } },
    },
  },
};

export const MetricsDocs = (): MethodDecorator =>
  applyDecorators(
    ApiExtraModels(ProviderMetricsDto),
    ApiOperation({
      summary: 'Metrics',
      description: `Prometheus text, or with \`Accept: application/json\` the same as \`/metrics.json\`. ${AUDIENCE}`,
    }),
    ApiOkResponse({
      description: 'Prometheus text format, or figures by provider.',
      content: { 'text/plain': { schema: { type: 'string' } }, 'application/json': { schema: BY_PROVIDER } },
    }),
    ApiErrors(401, 403),
  );

export const JsonMetricsDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'Figures by provider',
      description: `Requests and errors since the start, success rate and response time of the last five minutes. ${AUDIENCE}`,
    }),
    ApiOkResponse({ description: 'Figures by provider.', content: { 'application/json': { schema: BY_PROVIDER } } }),
    ApiErrors(401, 403),
  );
