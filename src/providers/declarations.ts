import type { ProviderType } from '../core/provider.js';

/**
 * What sets one provider of a known dialect apart from another. Adding a provider that speaks a dialect we have means adding
 * a row here, and its defaults in the configuration (`docs/adding-a-provider.md`).
 */
export interface ProviderDeclaration {
  /** How a key is sent. */
  auth(key: string): Readonly<Record<string, string>>;
  /** Sent with every request. */
  readonly headers: Readonly<Record<string, string>>;
  /** Has a request field `provider` of its own. */
  readonly hasProviderField: boolean;
}

const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });

const OPENAI_LIKE: ProviderDeclaration = { auth: bearer, headers: {}, hasProviderField: false };

export const DECLARATIONS: Record<Exclude<ProviderType, 'echo'>, ProviderDeclaration> = {
  openai: OPENAI_LIKE,
  deepseek: OPENAI_LIKE,
  // `x-title` is how OpenRouter names the calling application in its owner's own statistics.
  openrouter: { ...OPENAI_LIKE, headers: { 'x-title': 'Tollgate' }, hasProviderField: true },
  'openai-compatible': OPENAI_LIKE,
};
