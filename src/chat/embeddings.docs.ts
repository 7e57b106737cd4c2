import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { embeddingsJsonSchema } from '../dialects/index.js';
import { ApiErrors } from '../platform/index.js';

const EXAMPLES = {
  one: { summary: 'One text', value: { model: 'echo', input: 'Hello, Tollgate!' } },
  batch: {
    summary: 'Several texts, as base64 of little-endian float32',
    value: { model: 'echo', input: ['Hello,', 'Tollgate!'], encoding_format: 'base64' },
  },
};

const ANSWER = {
  object: 'list',
  data: [{ object: 'embedding', index: 0, embedding: [0.0023, -0.0093, 0.0157] }],
  model: 'echo',
  usage: { prompt_tokens: 5, total_tokens: 5 },
};

const EMBEDDINGS_SCHEMA = {
  type: 'object',
  required: ['object', 'data', 'model', 'usage'],
  additionalProperties: true,
  properties: {
    object: { type: 'string', enum: ['list'] },
    data: {
      type: 'array',
      items: {
        type: 'object',
        required: ['object', 'index', 'embedding'],
        properties: {
          object: { type: 'string', enum: ['embedding'] },
          index: { type: 'integer' },
          embedding: {
            oneOf: [
              { type: 'array', items: { type: 'number' } },
              { type: 'string', format: 'byte' },
            ],
          },
        },
      },
    },
    model: { type: 'string' },
    usage: {
      type: 'object',
      additionalProperties: true,
      properties: { prompt_tokens: { type: 'integer' }, total_tokens: { type: 'integer' } },
    },
  },
};

export const EmbeddingsDocs = (): MethodDecorator =>
  applyDecorators(
    ApiTags('Model calls'),
    ApiOperation({ summary: 'OpenAI Embeddings', description: 'One text or a batch, as numbers or as base64.' }),
    ApiBody({ schema: embeddingsJsonSchema(), examples: EXAMPLES }),
    ApiResponse({
      status: 200,
      description: 'One embedding for each input, in the order of the inputs.',
      content: { 'application/json': { schema: EMBEDDINGS_SCHEMA, example: ANSWER } },
    }),
    ApiErrors(400, 401, 403, 404, 413, 415, 429, 500, 502, 503, 504),
  );
