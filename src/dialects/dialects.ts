import type { ChatDialectName, ClientDialectName } from '../core/call.js';
import { ANTHROPIC_CODEC, ANTHROPIC_MESSAGES } from './anthropic-messages/anthropic-messages.dialect.js';
import type { ChatCodec, ClientDialect } from './dialect.js';
import { EMBEDDINGS } from './embeddings/embeddings.dialect.js';
import { OLLAMA_CODEC } from './ollama/ollama.codec.js';
import { OPENAI_CHAT_CODEC } from './openai-chat/openai-chat.codec.js';
import { OPENAI_CHAT } from './openai-chat/openai-chat.dialect.js';
import { OPENAI_RESPONSES, RESPONSES_CODEC } from './openai-responses/openai-responses.dialect.js';

/** Every wire format in which clients are answered. */
export const DIALECTS: Readonly<Record<ClientDialectName, ClientDialect>> = {
  'openai-chat': OPENAI_CHAT,
  'openai-responses': OPENAI_RESPONSES,
  'anthropic-messages': ANTHROPIC_MESSAGES,
  embeddings: EMBEDDINGS,
};

/** Every chat format that can be translated. */
export const CODECS: Readonly<Record<ChatDialectName, ChatCodec>> = {
  'openai-chat': OPENAI_CHAT_CODEC,
  'openai-responses': RESPONSES_CODEC,
  'anthropic-messages': ANTHROPIC_CODEC,
  ollama: OLLAMA_CODEC,
};
