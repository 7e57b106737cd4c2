import type { DialectName } from '../core/call.js';
import type { ChatDialect } from './chat-dialect.js';
import { OPENAI_CHAT } from './openai-chat/openai-chat.dialect.js';

/** Every wire format that the gateway speaks. */
export const DIALECTS: Readonly<Record<DialectName, ChatDialect>> = { 'openai-chat': OPENAI_CHAT };
