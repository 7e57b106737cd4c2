import Anthropic from '@anthropic-ai/sdk';
import { CLIENT_KEY, type TestGateway } from '../../support/gateway.js';

/** Anthropic's own client before this gateway; it never tries twice by itself. */
export function anthropicClient({ baseUrl }: TestGateway, options: ConstructorParameters<typeof Anthropic>[0] = {}): Anthropic {
  return new Anthropic({ baseURL: baseUrl, apiKey: CLIENT_KEY, maxRetries: 0, ...options });
}

export const WEATHER = {
  name: 'get_weather',
  description: 'The weather of a city.',
  input_schema: {
    type: 'object' as const,
    properties: { city: { type: 'string' as const }, days: { type: 'integer' as const } },
    required: ['city'],
  },
};
export const CLOCK_TOOL = { name: 'get_time', description: 'What time it is.', input_schema: { type: 'object' as const, properties: {} } };
