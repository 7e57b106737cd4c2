import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { messagesJsonSchema } from '../dialects/index.js';
import { AnthropicApiErrors } from '../platform/index.js';
import { TokenCountDto } from './count-tokens.dto.js';
import { anthropicHeaders } from './messages.docs.js';

const EXAMPLES = {
  plain: { summary: 'A question', value: { model: 'echo', messages: [{ role: 'user', content: 'Hello, Tollgate!' }] } },
};

export const CountTokensDocs = (): MethodDecorator =>
  applyDecorators(
    ApiTags('Model calls'),
    ApiOperation({
      summary: 'Count the tokens of a message',
      description:
        "Anthropic's token counting: the body of a message without `max_tokens`. The provider counts where it can; where it cannot, or does not, the gateway counts with a tokenizer of its own. Counting is free.",
    }),
    ...anthropicHeaders(),
    ApiBody({ schema: withoutLimit(messagesJsonSchema()), examples: EXAMPLES }),
    ApiOkResponse({
      type: TokenCountDto,
      headers: {
        'x-tollgate-estimate': {
          description: "`true` if the gateway counted: another tokenizer than the model's own.",
          schema: { type: 'string', enum: ['true'] },
        },
      },
    }),
    AnthropicApiErrors(400, 401, 403, 404, 413, 415, 429),
  );

function withoutLimit(schema: Record<string, unknown>): Record<string, unknown> {
  const { max_tokens: _limit, ...properties } = schema['properties'] as Record<string, unknown>;
  return { ...schema, properties, required: (schema['required'] as readonly string[]).filter((name) => name !== 'max_tokens') };
}
