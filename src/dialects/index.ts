export type { ClientDialect } from './dialect.js';
export { CODECS, DIALECTS } from './dialects.js';
export { chatCompletionJsonSchema } from './openai-chat/openai-chat.schema.js';
export { type Translation, translate } from './translation.js';
