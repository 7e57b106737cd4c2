import type { ProviderType } from '../../../core/provider.js';

/** The variables that hold a type's key and address, and switch its provider on. */
export interface Account {
  /** Absent for a type that needs no key: its address switches it on. */
  readonly key?: 'OPENAI_API_KEY' | 'ANTHROPIC_API_KEY' | 'DEEPSEEK_API_KEY' | 'OPENROUTER_API_KEY';
  readonly base: 'OPENAI_API_BASE' | 'ANTHROPIC_API_BASE' | 'DEEPSEEK_API_BASE' | 'OPENROUTER_API_BASE' | 'OLLAMA_BASE_URL';
}

/** In the order in which a plain installation tries them. */
export const ACCOUNTS: Readonly<Partial<Record<ProviderType, Account>>> = {
  openai: { key: 'OPENAI_API_KEY', base: 'OPENAI_API_BASE' },
  anthropic: { key: 'ANTHROPIC_API_KEY', base: 'ANTHROPIC_API_BASE' },
  deepseek: { key: 'DEEPSEEK_API_KEY', base: 'DEEPSEEK_API_BASE' },
  openrouter: { key: 'OPENROUTER_API_KEY', base: 'OPENROUTER_API_BASE' },
  ollama: { base: 'OLLAMA_BASE_URL' },
};

/** The variable whose being set is enough to use a provider of the type. */
export function switchOf({ key, base }: Account): NonNullable<Account['key']> | Account['base'] {
  return key ?? base;
}
