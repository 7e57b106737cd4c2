import { applyDecorators } from '@nestjs/common';
import { ApiResponse } from '@nestjs/swagger';

const MEANING: Record<number, string> = {
  400: 'The request is not accepted; the message names the field.',
  401: 'No valid API key was sent.',
  403: 'This key may not do that.',
  404: 'There is no such thing, or no such model.',
  405: 'The route does not take this method.',
  413: 'The body is too large.',
  415: 'The content type is not JSON.',
  429: 'A limit was reached; `retry-after` says when to try again.',
  500: 'The gateway failed.',
  502: "The provider's answer could not be read, or was cut off.",
  503: 'The provider, or the gateway, is not available right now.',
  504: 'The provider took too long.',
};

const ERROR_SCHEMA = {
  type: 'object',
  required: ['error'],
  properties: {
    error: {
      type: 'object',
      required: ['message', 'type', 'code', 'param', 'request_id'],
      properties: {
        message: { type: 'string', example: '`temperature`: Too big: expected number to be <=2.' },
        type: { type: 'string', example: 'invalid_request_error' },
        code: { type: 'string', nullable: true, example: null },
        param: { type: 'string', nullable: true, example: 'temperature' },
        request_id: { type: 'string', example: 'req_019512aa3c5b7f0c8a5e4d3c2b1a0f9e' },
      },
    },
  },
};

const ANTHROPIC_ERROR_SCHEMA = {
  type: 'object',
  required: ['type', 'error', 'request_id'],
  properties: {
    type: { type: 'string', enum: ['error'] },
    error: {
      type: 'object',
      required: ['type', 'message'],
      additionalProperties: true,
      properties: {
        type: { type: 'string', example: 'invalid_request_error' },
        message: { type: 'string', example: '`max_tokens`: is missing; expected number.' },
      },
    },
    request_id: { type: 'string', example: 'req_019512aa3c5b7f0c8a5e4d3c2b1a0f9e' },
  },
};

/** Documents the errors that a route may answer with, in OpenAI's shape. */
export function ApiErrors(...statuses: number[]): MethodDecorator & ClassDecorator {
  return describeErrors(statuses, ERROR_SCHEMA);
}

/** The same in Anthropic's shape, for the routes of its dialect. */
export function AnthropicApiErrors(...statuses: number[]): MethodDecorator & ClassDecorator {
  return describeErrors(statuses, ANTHROPIC_ERROR_SCHEMA);
}

function describeErrors(statuses: readonly number[], schema: object): MethodDecorator & ClassDecorator {
  return applyDecorators(
    ...statuses.map((status) =>
      ApiResponse({ status, description: MEANING[status] ?? 'An error.', content: { 'application/json': { schema } } }),
    ),
  );
}
