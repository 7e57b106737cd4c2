import type { ProviderType } from '../../../core/provider.js';

/** The variables that hold a type's key and address, and switch its provider on. */
export interface Account {
  readonly key: 'OPENAI_API_KEY' | 'DEEPSEEK_API_KEY' | 'OPENROUTER_API_KEY';
  readonly base: 'OPENAI_API_BASE' | 'DEEPSEEK_API_BASE' | 'OPENROUTER_API_BASE';
}

/** In the order in which a plain installation tries them. */
export const ACCOUNTS: Readonly<Partial<Record<ProviderType, Account>>> = {
  openai: { key: 'OPENAI_API_KEY', base: 'OPENAI_API_BASE' },
  deepseek: { key: 'DEEPSEEK_API_KEY', base: 'DEEPSEEK_API_BASE' },
  openrouter: { key: 'OPENROUTER_API_KEY', base: 'OPENROUTER_API_BASE' },
};
