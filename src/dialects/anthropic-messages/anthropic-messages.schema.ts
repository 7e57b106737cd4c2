import { z } from 'zod';

/**
 * What the gateway checks of a Messages body before anybody is asked. It is strict about the fields it knows and lets every
 * other field, and every type of content block that it does not know, through: the provider may know more than we do.
 * Source: the types that Anthropic publishes with its TypeScript SDK, `MessageCreateParams`.
 */

const text = z.string();
const cache_control = z.looseObject({ type: text, ttl: text.nullish() }).nullish();

const textBlock = z.looseObject({ type: z.literal('text'), text, cache_control });

const bytes = z.looseObject({ type: z.literal('base64'), media_type: text, data: text });
const address = z.looseObject({ type: z.literal('url'), url: text });
const file = z.looseObject({ type: z.literal('file'), file_id: text });
const imageSource = z.discriminatedUnion('type', [bytes, address, file], {
  error: (issue) => (issue.code === 'invalid_union' ? 'expected one of base64, url, file' : undefined),
});
const documentSource = z.discriminatedUnion(
  'type',
  [
    bytes,
    address,
    file,
    z.looseObject({ type: z.literal('text'), data: text }),
    z.looseObject({
      type: z.literal('content'),
      content: z.union([text, z.array(z.looseObject({ type: text }))], 'expected a string or a list of blocks'),
    }),
  ],
  { error: (issue) => (issue.code === 'invalid_union' ? 'expected one of base64, url, file, text, content' : undefined) },
);

const image = z.looseObject({ type: z.literal('image'), source: imageSource, cache_control });
const document = z.looseObject({
  type: z.literal('document'),
  source: documentSource,
  title: text.nullish(),
  context: text.nullish(),
  citations: z.looseObject({ enabled: z.boolean().nullish() }).nullish(),
  cache_control,
});
/** Aborts, so that what is wrong with an object of a known type is told by that type. */
const otherThan = (known: readonly string[]) =>
  z.looseObject({ type: text.refine((type) => !known.includes(type), { error: 'is malformed', abort: true }) });
const blockType = { error: (issue: { code?: string }) => (issue.code === 'invalid_union' ? 'expected the type of a block' : undefined) };

const resultContent = z.array(
  z.union([z.discriminatedUnion('type', [textBlock, image, document], blockType), otherThan(['text', 'image', 'document'])]),
  'expected a string or a list of blocks',
);
const toolResult = z.looseObject({
  type: z.literal('tool_result'),
  tool_use_id: text,
  content: z.union([text, resultContent], 'expected a string or a list of blocks').nullish(),
  is_error: z.boolean().nullish(),
  cache_control,
});
const toolUse = z.looseObject({ type: z.literal('tool_use'), id: text, name: text, input: z.looseObject({}), cache_control });
const thinkingBlock = z.looseObject({ type: z.literal('thinking'), thinking: text, signature: text });
const redactedThinking = z.looseObject({ type: z.literal('redacted_thinking'), data: text });

const KNOWN_BLOCKS = ['text', 'image', 'document', 'tool_result', 'tool_use', 'thinking', 'redacted_thinking'];
const block = z.union(
  [
    z.discriminatedUnion('type', [textBlock, image, document, toolResult, toolUse, thinkingBlock, redactedThinking], blockType),
    otherThan(KNOWN_BLOCKS),
  ],
  'expected a content block',
);
const content = z.union([text, z.array(block)], 'expected a string or a list of blocks');
const systemContent = z.union([text, z.array(textBlock)], 'expected a string or a list of text blocks');

const message = z.discriminatedUnion(
  'role',
  [
    z.looseObject({ role: z.literal('user'), content }),
    z.looseObject({ role: z.literal('assistant'), content }),
    z.looseObject({ role: z.literal('system'), content: systemContent }),
  ],
  { error: (issue) => (issue.code === 'invalid_union' ? 'expected one of user, assistant, system' : undefined) },
);

const ownTool = z.looseObject({
  type: z.literal('custom').nullish(),
  name: text.min(1),
  description: text.nullish(),
  input_schema: z.looseObject({}),
  strict: z.boolean().nullish(),
  cache_control,
});

export const messagesSchema = z
  .looseObject({
    model: text.min(1),
    provider: z.union([text, z.looseObject({})], 'expected the name of a provider').nullish(),
    clamp: z.boolean().nullish(),
    max_tokens: z.int().min(0),
    messages: z.array(message).min(1),
    system: systemContent.nullish(),
    stream: z.boolean().nullish(),
    temperature: z.number().min(0).max(1).nullish(),
    top_p: z.number().min(0).max(1).nullish(),
    top_k: z.int().min(0).nullish(),
    stop_sequences: z.array(text).nullish(),
    tools: z.array(z.union([ownTool, otherThan(['custom'])])).nullish(),
    tool_choice: z.looseObject({ type: text, name: text.nullish(), disable_parallel_tool_use: z.boolean().nullish() }).nullish(),
    thinking: z.looseObject({ type: text, budget_tokens: z.int().min(1).nullish(), display: text.nullish() }).nullish(),
    output_config: z
      .looseObject({ effort: text.nullish(), format: z.looseObject({ type: text, schema: z.looseObject({}).nullish() }).nullish() })
      .nullish(),
    metadata: z.looseObject({ user_id: text.nullish() }).nullish(),
    service_tier: text.nullish(),
    cache_control,
  })
  .describe('An Anthropic Messages request. Fields that are not listed here go to the provider as they are.');

export type MessagesBody = z.infer<typeof messagesSchema>;

/** The same as JSON Schema, for the OpenAPI document. */
export function messagesJsonSchema(): Record<string, unknown> {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(messagesSchema, { target: 'openapi-3.0', io: 'input' });
  return schema;
}
