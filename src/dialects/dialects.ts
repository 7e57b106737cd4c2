import type { ChatDialectName, ClientDialectName } from '../core/call.js';
import type { ChatCodec, ClientDialect } from './dialect.js';
import { OPENAI_CHAT } from './openai-chat/openai-chat.dialect.js';

/** Every wire format in which clients are answered. */
export const DIALECTS: Readonly<Record<ClientDialectName, ClientDialect>> = { 'openai-chat': OPENAI_CHAT } as Record<
  ClientDialectName,
  ClientDialect
>;

/** Every chat format that can be translated. */
export const CODECS: Readonly<Record<ChatDialectName, ChatCodec>> = {} as Record<ChatDialectName, ChatCodec>;
