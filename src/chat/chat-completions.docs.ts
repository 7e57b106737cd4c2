import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { chatCompletionJsonSchema } from '../dialects/index.js';
import { ApiErrors } from '../platform/index.js';

const EXAMPLES = {
  plain: { summary: 'A question', value: { model: 'echo', messages: [{ role: 'user', content: 'Hello, Tollgate!' }] } },
  stream: {
    summary: 'A streamed answer with its usage',
    value: {
      model: 'echo',
      messages: [{ role: 'user', content: 'Hello, Tollgate!' }],
      stream: true,
      stream_options: { include_usage: true },
    },
  },
};

const ANSWER = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1767225600,
  model: 'echo',
  choices: [
    { index: 0, message: { role: 'assistant', content: 'Hello, Tollgate!', refusal: null }, logprobs: null, finish_reason: 'stop' },
  ],
  usage: { prompt_tokens: 5, completion_tokens: 2, total_tokens: 7 },
};

const STREAM = `data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1767225600,"model":"echo","choices":[{"index":0,"delta":{"content":"Hello"},"finish_reason":null}]}

data: [DONE]

`;

const COMPLETION_SCHEMA = {
  type: 'object',
  required: ['id', 'object', 'created', 'model', 'choices'],
  additionalProperties: true,
  properties: {
    id: { type: 'string' },
    object: { type: 'string', enum: ['chat.completion'] },
    created: { type: 'integer' },
    model: { type: 'string' },
    choices: { type: 'array', items: { type: 'object', additionalProperties: true } },
    usage: { type: 'object', additionalProperties: true },
  },
};

const EVENTS = { 'text/event-stream': { schema: { type: 'string' }, example: STREAM } };

const shared = (): MethodDecorator[] => [
  ApiTags('Model calls'),
  ApiBody({ schema: chatCompletionJsonSchema(), examples: EXAMPLES }),
  ApiErrors(400, 401, 403, 404, 413, 415, 429, 500, 502, 503, 504),
];

export const ChatCompletionDocs = (): MethodDecorator =>
  applyDecorators(
    ...shared(),
    ApiOperation({
      summary: 'OpenAI Chat Completions',
      description:
        "Streaming and not. The answer is the provider's own, unknown fields included. An extra field `provider` (a string) pins the provider and never goes upstream.",
    }),
    ApiResponse({
      status: 200,
      description: 'The answer; with `stream: true` a stream of events that ends with `[DONE]`, or with an error event if it was cut.',
      content: { 'application/json': { schema: COMPLETION_SCHEMA, example: ANSWER }, ...EVENTS },
    }),
  );

export const ChatStreamDocs = (): MethodDecorator =>
  applyDecorators(
    ...shared(),
    ApiOperation({
      summary: 'OpenAI Chat Completions, always as a stream',
      description: 'The same body; whatever `stream` says, the answer is a stream.',
    }),
    ApiResponse({
      status: 200,
      description: 'A stream of events that ends with `[DONE]`, or with an error event if it was cut.',
      content: EVENTS,
    }),
  );
