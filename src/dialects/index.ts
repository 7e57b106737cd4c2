export type { ChatDialect } from './chat-dialect.js';
export { DIALECTS } from './dialects.js';
export { chatCompletionJsonSchema } from './openai-chat/openai-chat.schema.js';
