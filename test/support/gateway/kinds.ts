import type { PriceOverride } from '../../../src/platform/config/price-config.js';
import type { ProviderConfig } from '../../../src/platform/config/provider-config.js';
import { Secret } from '../../../src/platform/config/secret.js';
import { testProvider } from '../config.js';

/** What a provider can be, by its type and the dialect it is spoken to in. */
export const KINDS = ['openai-chat', 'openai-responses', 'anthropic', 'ollama', 'openrouter', 'deepseek', 'echo'] as const;
export type Kind = (typeof KINDS)[number];
export type ScriptedKind = Exclude<Kind, 'echo'>;
/** Those that a test scripts; `echo` answers by itself. */
export const SCRIPTED_KINDS: readonly ScriptedKind[] = KINDS.filter((kind) => kind !== 'echo');
/** Those with embeddings. */
export const EMBEDDING_KINDS: readonly ScriptedKind[] = ['openai-chat', 'ollama', 'openrouter'];

/** Below the address of the upstream, as the base URLs of the real ones end. */
const PROVIDERS: Readonly<Record<ScriptedKind, Pick<ProviderConfig, 'type' | 'dialects' | 'baseUrl'>>> = {
  'openai-chat': { type: 'openai', dialects: ['openai-chat', 'embeddings'], baseUrl: '/openai/v1' },
  'openai-responses': { type: 'openai', dialects: ['openai-responses'], baseUrl: '/openai/v1' },
  anthropic: { type: 'anthropic', dialects: ['anthropic-messages'], baseUrl: '/anthropic' },
  ollama: { type: 'ollama', dialects: ['ollama'], baseUrl: '/ollama' },
  openrouter: { type: 'openrouter', dialects: ['openai-chat', 'embeddings'], baseUrl: '/openrouter/api/v1' },
  deepseek: { type: 'deepseek', dialects: ['openai-chat'], baseUrl: '/deepseek/v1' },
};

/** Where the gateway asks the provider of kind `ollama` for its models, on its own account. */
export const TAGS_PATH = '/ollama/api/tags';

/** The key that the provider of this kind is called with. */
export function keyOf(kind: ScriptedKind): string {
  return `sk-${kind}-f6g7h8j9k0l1`;
}

/** The name by which a client asks the provider of this kind, and only that one. */
export function modelOf(kind: Kind): string {
  return kind === 'echo' ? 'echo' : `scripted-${kind}`;
}

/** A provider of every kind, named after it: the scripted ones at this upstream. `changes` are for all of those. */
export function kindProviders(origin: string, changes: Partial<ProviderConfig> = {}): readonly ProviderConfig[] {
  const scripted = SCRIPTED_KINDS.map((kind) => {
    const { baseUrl, ...provider } = PROVIDERS[kind];
    const account = { name: kind, apiKeys: [new Secret(keyOf(kind))], models: [modelOf(kind)] };
    return testProvider({ ...account, ...provider, baseUrl: origin + baseUrl, ...changes });
  });
  const dialects = ['openai-chat', 'openai-responses', 'anthropic-messages', 'embeddings'] as const;
  return [...scripted, testProvider({ dialects })];
}

/** What a token costs at every scripted kind, in nano-dollars. */
export const NANO_USD = { input: 3_000, output: 15_000, cacheRead: 300, cacheWrite: 3_750 };

const PICO_PER_NANO = 1_000n;

export const KIND_PRICES: readonly PriceOverride[] = SCRIPTED_KINDS.map((kind) => ({
  model: modelOf(kind),
  inputPicoUsd: BigInt(NANO_USD.input) * PICO_PER_NANO,
  outputPicoUsd: BigInt(NANO_USD.output) * PICO_PER_NANO,
  cacheReadPicoUsd: BigInt(NANO_USD.cacheRead) * PICO_PER_NANO,
  cacheWritePicoUsd: BigInt(NANO_USD.cacheWrite) * PICO_PER_NANO,
}));
