import { DIALECT_NAMES, type DialectName } from '../../core/call.js';
import type { ProviderType } from '../../core/provider.js';

/** What a type is spoken to in unless the operator says otherwise, and what else may be listed for it. */
interface Spoken {
  readonly standard: readonly DialectName[];
  readonly more: readonly DialectName[];
}

/**
 * A dialect is standard only where a relay of it keeps its word. Servers of Ollama answer in all of them, but pass over a
 * `tool_choice` or an image address in any but their own; gateways and compatible servers differ from one to the next; and
 * DeepSeek has Anthropic's API at another address, which is an account of type `anthropic`.
 */
export const DIALECTS_OF: Readonly<Record<ProviderType, Spoken>> = {
  openai: { standard: ['openai-chat', 'openai-responses', 'embeddings'], more: [] },
  anthropic: { standard: ['anthropic-messages'], more: [] },
  deepseek: { standard: ['openai-chat'], more: ['openai-responses'] },
  openrouter: { standard: ['openai-chat', 'embeddings'], more: ['openai-responses', 'anthropic-messages'] },
  ollama: { standard: ['ollama'], more: ['openai-chat', 'openai-responses', 'anthropic-messages', 'embeddings'] },
  'openai-compatible': { standard: ['openai-chat', 'embeddings'], more: ['openai-responses', 'anthropic-messages'] },
  echo: { standard: DIALECT_NAMES, more: [] },
};

/** `` `openai`: openai-chat, … `` for every type that has any. */
export function describeDialects(which: keyof Spoken): string {
  return Object.entries(DIALECTS_OF)
    .filter(([, spoken]) => spoken[which].length > 0)
    .map(([type, spoken]) => `\`${type}\`: ${spoken[which].join(', ')}`)
    .join('; ');
}
