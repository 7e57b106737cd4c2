import type { Feature } from '../core/features.js';
import type { Endpoint, Provider, ProviderType } from '../core/provider.js';
import { anthropicDefaultMaxTokens, anthropicLacks } from './anthropic-models.js';
import { openaiLacks } from './openai-models.js';

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
  readonly maxTokensField: Provider['maxTokensField'];
  /** Where each thing is asked for, below the base URL. */
  readonly paths: Readonly<Partial<Record<Endpoint, string>>>;
  /** The paths begin with the version themselves, so that a base URL means the same with `/v1` at its end and without. */
  readonly hasVersionedPaths?: true;
  /** Where it says which models it has, where that is worth asking: for a server that runs what its owner put on it. */
  readonly modelsPath?: string;
  /** What can be asked for nothing, to see whether it is there and knows our key. */
  readonly probe: { readonly path: string; readonly headers?: Readonly<Record<string, string>> };
  /** Where the dialect demands a limit on the answer and the client names none, in tokens. */
  defaultMaxTokens(model: string): number;
  /** What a model cannot do although the dialect could say it. */
  lacks(model: string): ReadonlySet<Feature>;
}

const NOTHING: ReadonlySet<Feature> = new Set();

const OPENAI_PATHS = { 'openai-chat': '/chat/completions', 'openai-responses': '/responses', embeddings: '/embeddings' };
const ANTHROPIC_PATHS = { 'anthropic-messages': '/messages', 'anthropic-count-tokens': '/messages/count_tokens' };

const bearer = (key: string): Record<string, string> => ({ authorization: `Bearer ${key}` });

const OPENAI_LIKE: ProviderDeclaration = {
  auth: bearer,
  headers: {},
  hasProviderField: false,
  maxTokensField: 'max_tokens',
  paths: { ...OPENAI_PATHS, ...ANTHROPIC_PATHS },
  probe: { path: '/models' },
  defaultMaxTokens: () => 4096,
  lacks: () => NOTHING,
};

const ANTHROPIC: ProviderDeclaration = {
  ...OPENAI_LIKE,
  auth: (key) => ({ 'x-api-key': key }),
  paths: { 'anthropic-messages': '/v1/messages', 'anthropic-count-tokens': '/v1/messages/count_tokens' },
  hasVersionedPaths: true,
  probe: { path: '/v1/models?limit=1', headers: { 'anthropic-version': '2023-06-01' } },
  defaultMaxTokens: anthropicDefaultMaxTokens,
  lacks: anthropicLacks,
};

const OLLAMA: ProviderDeclaration = {
  ...OPENAI_LIKE,
  paths: {
    'ollama-chat': '/api/chat',
    'ollama-embed': '/api/embed',
    'openai-chat': '/v1/chat/completions',
    'openai-responses': '/v1/responses',
    'anthropic-messages': '/v1/messages',
    embeddings: '/v1/embeddings',
  },
  hasVersionedPaths: true,
  modelsPath: '/api/tags',
  probe: { path: '/api/tags' },
};

export const DECLARATIONS: Record<Exclude<ProviderType, 'echo'>, ProviderDeclaration> = {
  openai: { ...OPENAI_LIKE, maxTokensField: 'max_completion_tokens', paths: OPENAI_PATHS, lacks: openaiLacks },
  anthropic: ANTHROPIC,
  deepseek: { ...OPENAI_LIKE, paths: { 'openai-chat': '/chat/completions', 'openai-responses': '/responses' } },
  // `x-title` is how OpenRouter names the calling application in its owner's own statistics. Its list of models is long, and for everybody.
  openrouter: { ...OPENAI_LIKE, headers: { 'x-title': 'Tollgate' }, hasProviderField: true, probe: { path: '/key' } },
  ollama: OLLAMA,
  'openai-compatible': OPENAI_LIKE,
};
