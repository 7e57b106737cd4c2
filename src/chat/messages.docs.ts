import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { messagesJsonSchema } from '../dialects/index.js';
import { AnthropicApiErrors } from '../platform/index.js';

const QUESTION = { model: 'echo', max_tokens: 1024, messages: [{ role: 'user', content: 'Hello, Tollgate!' }] };

const EXAMPLES = {
  plain: { summary: 'A question', value: QUESTION },
  stream: { summary: 'A streamed answer', value: { ...QUESTION, stream: true } },
};

const ANSWER = {
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  model: 'echo',
  content: [{ type: 'text', text: 'Hello, Tollgate!' }],
  stop_reason: 'end_turn',
  stop_sequence: null,
  usage: { input_tokens: 5, cache_creation_input_tokens: 0, cache_read_input_tokens: 0, output_tokens: 2 },
};

const STREAM = `event: message_start
data: {"type":"message_start","message":{"id":"msg_1","type":"message","role":"assistant","model":"echo","content":[],"stop_reason":null,"stop_sequence":null,"usage":{"input_tokens":5,"output_tokens":1}}}

event: content_block_start
data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

event: content_block_delta
data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Hello"}}

event: content_block_stop
data: {"type":"content_block_stop","index":0}

event: message_delta
data: {"type":"message_delta","delta":{"stop_reason":"end_turn","stop_sequence":null},"usage":{"output_tokens":2}}

event: message_stop
data: {"type":"message_stop"}

`;

const MESSAGE_SCHEMA = {
  type: 'object',
  required: ['id', 'type', 'role', 'model', 'content', 'stop_reason', 'usage'],
  additionalProperties: true,
  properties: {
    id: { type: 'string' },
    type: { type: 'string', enum: ['message'] },
    role: { type: 'string', enum: ['assistant'] },
    model: { type: 'string' },
    content: { type: 'array', items: { type: 'object', additionalProperties: true } },
    stop_reason: { type: 'string', nullable: true },
    stop_sequence: { type: 'string', nullable: true },
    usage: { type: 'object', additionalProperties: true },
  },
};

export const MessagesDocs = (): MethodDecorator =>
  applyDecorators(
    ApiTags('Model calls'),
    ApiOperation({
      summary: 'Anthropic Messages',
      description:
        'Streaming and not. Any model answers; what its provider cannot be told is refused by name, and a mere hint that it was not told is named in `x-tollgate-dropped`. ' +
        'Keys are taken from `x-api-key` and from `Authorization: Bearer`, as the versions of the SDK send them.',
    }),
    ...anthropicHeaders(),
    ApiBody({ schema: messagesJsonSchema(), examples: EXAMPLES }),
    ApiResponse({
      status: 200,
      description:
        'The answer; with `stream: true` a stream of events that ends with `message_stop`, or with an `error` event if it was cut.',
      content: {
        'application/json': { schema: MESSAGE_SCHEMA, example: ANSWER },
        'text/event-stream': { schema: { type: 'string' }, example: STREAM },
      },
    }),
    AnthropicApiErrors(400, 401, 403, 404, 413, 415, 429, 500, 502, 503, 504),
  );

/** Go on to a provider of the same dialect; the gateway itself asks for neither. */
export function anthropicHeaders(): MethodDecorator[] {
  return [
    ApiHeader({ name: 'anthropic-version', required: false, description: "The version of Anthropic's API.", example: '2023-06-01' }),
    ApiHeader({ name: 'anthropic-beta', required: false, description: 'Names of beta features, separated by commas.' }),
  ];
}
