import { z } from 'zod';

/**
 * What the gateway checks of a Chat Completions body before anybody is asked. It is strict about the fields it knows and
 * lets every other field through: the provider may know more than we do.
 * Source: OpenAI's published OpenAPI document, `CreateChatCompletionRequest`.
 */

const text = z.string();
const textPart = z.looseObject({ type: z.literal('text'), text });
const contentParts = z.array(z.looseObject({ type: z.string() }), 'expected a string or a list of parts').min(1);
const content = z.union([text, contentParts], 'expected a string or a list of parts');

const toolCall = z.looseObject({
  id: z.string(),
  type: z.enum(['function', 'custom']),
  function: z.looseObject({ name: z.string(), arguments: z.string() }).optional(),
});

const message = z.discriminatedUnion(
  'role',
  [
    z.looseObject({ role: z.literal('system'), content }),
    z.looseObject({ role: z.literal('developer'), content }),
    z.looseObject({ role: z.literal('user'), content }),
    z.looseObject({ role: z.literal('assistant'), content: content.nullish(), tool_calls: z.array(toolCall).nullish() }),
    z.looseObject({ role: z.literal('tool'), content: z.union([text, z.array(textPart)]), tool_call_id: z.string() }),
    z.looseObject({ role: z.literal('function'), content: text.nullable(), name: z.string() }),
  ],
  { error: (issue) => (issue.code === 'invalid_union' ? 'expected one of system, developer, user, assistant, tool, function' : undefined) },
);

const tool = z.looseObject({
  type: z.string(),
  function: z.looseObject({ name: z.string().min(1), description: text.nullish(), parameters: z.looseObject({}).nullish() }).optional(),
});

export const chatCompletionSchema = z
  .looseObject({
    model: z.string().min(1),
    provider: z.union([text, z.looseObject({})], 'expected the name of a provider').nullish(),
    clamp: z.boolean().nullish(),
    messages: z.array(message).min(1),
    stream: z.boolean().nullish(),
    stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
    temperature: z.number().min(0).max(2).nullish(),
    top_p: z.number().min(0).max(1).nullish(),
    frequency_penalty: z.number().min(-2).max(2).nullish(),
    presence_penalty: z.number().min(-2).max(2).nullish(),
    n: z.int().min(1).max(128).nullish(),
    max_tokens: z.int().min(1).nullish(),
    max_completion_tokens: z.int().min(1).nullish(),
    stop: z.union([text, z.array(text).max(4)], 'expected a string or up to four strings').nullish(),
    seed: z.int().nullish(),
    logprobs: z.boolean().nullish(),
    top_logprobs: z.int().min(0).max(20).nullish(),
    logit_bias: z.record(text, z.number()).nullish(),
    tools: z.array(tool).nullish(),
    tool_choice: z.union([text, z.looseObject({ type: z.string() })], 'expected "none", "auto", "required" or a tool').nullish(),
    parallel_tool_calls: z.boolean().nullish(),
    response_format: z.looseObject({ type: z.string() }).nullish(),
    reasoning_effort: text.nullish(),
    user: text.nullish(),
    metadata: z.record(text, text).nullish(),
  })
  .describe('An OpenAI Chat Completions request. Fields that are not listed here go to the provider as they are.');

export type ChatCompletionBody = z.infer<typeof chatCompletionSchema>;

/** The same as JSON Schema, for the OpenAPI document. */
export function chatCompletionJsonSchema(): Record<string, unknown> {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(chatCompletionSchema, { target: 'openapi-3.0', io: 'input' });
  return schema;
}
