export type { Concern, Media, PriceBearing, PromptReading } from './billing/price-bearing.js';
export type { ClientDialect } from './dialect.js';
export { CODECS, DIALECTS } from './dialects.js';
export { messagesJsonSchema } from './anthropic-messages/anthropic-messages.schema.js';
export { embeddingsJsonSchema } from './embeddings/embeddings.schema.js';
export { chatCompletionJsonSchema } from './openai-chat/openai-chat.schema.js';
export { idsInRequest } from './provider-ids.js';
export { responsesJsonSchema } from './openai-responses/openai-responses.schema.js';
export { type Translation, translate } from './translation.js';
