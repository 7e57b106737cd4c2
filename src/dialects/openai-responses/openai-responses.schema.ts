import { z } from 'zod';
import { formatSchema, itemSchema, toolChoiceSchema, toolSchema } from './openai-responses.items.schema.js';

/**
 * What the gateway checks of a Responses body before anybody is asked. It is strict about the fields it knows and lets every
 * other field, tool and item through: the provider may know more than we do.
 * Source: OpenAI's published OpenAPI document, `CreateResponse`.
 */

const text = z.string();
const LIST = 'expected a string or a list of items';

export const responsesSchema = z
  .looseObject({
    model: text.min(1),
    provider: z.union([text, z.looseObject({})], 'expected the name of a provider').nullish(),
    clamp: z.boolean().nullish(),
    input: z.union([text, z.array(itemSchema, LIST)], LIST).nullish(),
    instructions: text.nullish(),
    stream: z.boolean().nullish(),
    stream_options: z.looseObject({ include_obfuscation: z.boolean().nullish() }).nullish(),
    max_output_tokens: z.int().min(1).nullish(),
    max_tool_calls: z.int().min(1).nullish(),
    temperature: z.number().min(0).max(2).nullish(),
    top_p: z.number().min(0).max(1).nullish(),
    top_logprobs: z.int().min(0).max(20).nullish(),
    tools: z.array(toolSchema).nullish(),
    tool_choice: z.union([text, toolChoiceSchema], 'expected "none", "auto", "required" or a tool').nullish(),
    parallel_tool_calls: z.boolean().nullish(),
    text: z.looseObject({ format: formatSchema.nullish(), verbosity: text.nullish() }).nullish(),
    reasoning: z.looseObject({ effort: text.nullish(), summary: text.nullish(), generate_summary: text.nullish() }).nullish(),
    include: z.array(text).nullish(),
    store: z.boolean().nullish(),
    background: z.boolean().nullish(),
    previous_response_id: text.nullish(),
    conversation: z.union([text, z.looseObject({ id: text })], 'expected the id of a conversation').nullish(),
    prompt: z.looseObject({ id: text }).nullish(),
    truncation: text.nullish(),
    service_tier: text.nullish(),
    metadata: z.record(text, text).nullish(),
    user: text.nullish(),
    safety_identifier: text.nullish(),
    prompt_cache_key: text.nullish(),
  })
  .describe('An OpenAI Responses request. Fields that are not listed here go to the provider as they are.');

/** The same as JSON Schema, for the OpenAPI document. */
export function responsesJsonSchema(): Record<string, unknown> {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(responsesSchema, { target: 'openapi-3.0', io: 'input' });
  return schema;
}
