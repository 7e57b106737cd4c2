import type { Feature } from '../core/features.js';
import type { Endpoint, ProviderType } from '../core/provider.js';

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
  readonly maxTokensField: 'max_tokens' | 'max_completion_tokens';
  /** Where each thing is asked for, below the base URL. */
  readonly paths: Readonly<Partial<Record<Endpoint, string>>>;
  /** Where the dialect demands a limit on the answer and the client names none, in tokens. */
  defaultMaxTokens(model: string): number;
  /** What a model cannot do although the dialect could say it. */
  lacks(model: string): ReadonlySet<Feature>;
}

const NOTHING: ReadonlySet<Feature> = new Set();

const OPENAI_PATHS = { 'openai-chat': '/chat/completions', 'openai-responses': '/responses', embeddings: '/embeddings' };

const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });

const OPENAI_LIKE: ProviderDeclaration = {
  auth: bearer,
  headers: {},
  hasProviderField: false,
  maxTokensField: 'max_tokens',
  paths: OPENAI_PATHS,
  defaultMaxTokens: () => 4096,
  lacks: () => NOTHING,
};

export const DECLARATIONS: Record<Exclude<ProviderType, 'echo'>, ProviderDeclaration> = {
  openai: { ...OPENAI_LIKE, maxTokensField: 'max_completion_tokens' },
  deepseek: OPENAI_LIKE,
  // `x-title` is how OpenRouter names the calling application in its owner's own statistics.
  openrouter: { ...OPENAI_LIKE, headers: { 'x-title': 'Tollgate' }, hasProviderField: true },
  'openai-compatible': OPENAI_LIKE,
};
