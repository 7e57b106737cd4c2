import { applyDecorators } from '@nestjs/common';
import { ApiExtraModels, ApiHeader, ApiOkResponse, ApiOperation, ApiParam, ApiQuery, getSchemaPath } from '@nestjs/swagger';
import { ApiErrors } from '../platform/index.js';
import { AnthropicModelDto, AnthropicModelListDto, ModelDto, ModelListDto } from './models.dto.js';

const eitherShape = (...shapes: readonly (new () => object)[]): MethodDecorator =>
  applyDecorators(
    ApiExtraModels(...shapes),
    ApiHeader({
      name: 'anthropic-version',
      required: false,
      description: "Sent by Anthropic's clients: the answer, and an error, then have Anthropic's shape.",
      example: '2023-06-01',
    }),
    ApiOkResponse({ schema: { oneOf: shapes.map((shape) => ({ $ref: getSchemaPath(shape) })) } }),
  );

const pageQuery = (name: string, description: string, example: string | number): MethodDecorator =>
  ApiQuery({
    name,
    required: false,
    description: `With \`anthropic-version\` only: ${description}`,
    schema: { type: typeof example === 'number' ? 'integer' : 'string', example },
  });

export const ListModelsDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({
      summary: 'List models',
      description:
        "Those that this key may use. OpenAI's list, with providers, context window and prices where they are known; Anthropic's for Anthropic's clients.",
    }),
    eitherShape(ModelListDto, AnthropicModelListDto),
    pageQuery('limit', 'models on a page, 1 to 1000.', 20),
    pageQuery('after_id', 'the page after this model.', 'echo'),
    pageQuery('before_id', 'the page before this model.', 'echo-slow'),
    ApiErrors(400, 401, 403, 429),
  );

export const ReadModelDocs = (): MethodDecorator =>
  applyDecorators(
    ApiOperation({ summary: 'Read one model', description: 'By any name that a call could use; names may contain slashes.' }),
    ApiParam({ name: 'id', example: 'echo' }),
    eitherShape(ModelDto, AnthropicModelDto),
    ApiErrors(401, 403, 404, 429),
  );
