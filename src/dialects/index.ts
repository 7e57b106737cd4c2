export { OPENAI_CHAT } from './openai-chat/openai-chat.dialect.js';
export type { ChatDialect } from './chat-dialect.js';
