import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { responsesJsonSchema } from '../dialects/index.js';
import { ApiErrors } from '../platform/index.js';

const EXAMPLES = {
  plain: { summary: 'A question', value: { model: 'echo', input: 'Hello, Tollgate!' } },
  stream: {
    summary: 'A streamed answer',
    value: { model: 'echo', input: [{ role: 'user', content: 'Hello, Tollgate!' }], stream: true },
  },
};

const MESSAGE = {
  type: 'message',
  id: 'msg_1',
  status: 'completed',
  role: 'assistant',
  content: [{ type: 'output_text', text: 'Hello, Tollgate!', annotations: [], logprobs: [] }],
};

const ANSWER = {
  id: 'resp_1',
  object: 'response',
  created_at: 1767225600,
  status: 'completed',
  error: null,
  incomplete_details: null,
  model: 'echo',
  output: [MESSAGE],
  usage: {
    input_tokens: 5,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: 2,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 7,
  },
};

const STREAM = `event: response.created
data: {"type":"response.created","sequence_number":0,"response":{"id":"resp_1","object":"response","status":"in_progress","output":[]}}

event: response.output_text.delta
data: {"type":"response.output_text.delta","sequence_number":4,"item_id":"msg_1","output_index":0,"content_index":0,"delta":"Hello","logprobs":[]}

event: response.completed
data: {"type":"response.completed","sequence_number":8,"response":{"id":"resp_1","object":"response","status":"completed"}}

`;

const RESPONSE_SCHEMA = {
  type: 'object',
  required: ['id', 'object', 'created_at', 'status', 'model', 'output'],
  additionalProperties: true,
  properties: {
    id: { type: 'string' },
    object: { type: 'string', enum: ['response'] },
    created_at: { type: 'integer' },
    status: { type: 'string', enum: ['completed', 'failed', 'in_progress', 'cancelled', 'queued', 'incomplete'] },
    model: { type: 'string' },
    output: { type: 'array', items: { type: 'object', additionalProperties: true } },
    usage: { type: 'object', additionalProperties: true },
  },
};

export const ResponsesDocs = (): MethodDecorator =>
  applyDecorators(
    ApiTags('Model calls'),
    ApiOperation({
      summary: 'OpenAI Responses',
      description:
        'Streaming and not. Any model answers; what its provider cannot be told is refused by name, and a mere hint that it was not told is named in `x-tollgate-dropped`.',
    }),
    ApiBody({ schema: responsesJsonSchema(), examples: EXAMPLES }),
    ApiResponse({
      status: 200,
      description:
        'The answer; with `stream: true` a stream of events that ends with `response.completed`, or with an error event if it was cut.',
      content: {
        'application/json': { schema: RESPONSE_SCHEMA, example: ANSWER },
        'text/event-stream': { schema: { type: 'string' }, example: STREAM },
      },
    }),
    ApiErrors(400, 401, 403, 404, 413, 415, 429, 500, 502, 503, 504),
  );
