import type { ProviderType } from '../../core/provider.js';
import type { PriceBearing } from '../../dialects/index.js';

/** Tokens that are in nobody's body: what a provider's template puts around messages and tools, and what it tells the model by itself. */
interface Template {
  readonly request: number;
  /** Around each message, beyond the letters of its JSON. */
  readonly message: number;
  readonly tool: number;
  /** Once, where there are tools. */
  readonly tools: number;
  /** Once, where the answer must fit a schema. */
  readonly schema: number;
}

/** OpenAI documents 3 tokens for each message, 1 for a name, and up to some 20 around a function (its cookbook on counting tokens). */
const OPENAI: Template = { request: 64, message: 8, tool: 32, tools: 64, schema: 64 };
/**
 * Anthropic documents a system prompt for tools of up to 530 tokens, by model, and one of no stated length for structured outputs;
 * here each counts as about twice that.
 */
const ANTHROPIC: Template = { request: 128, message: 16, tool: 64, tools: 1_024, schema: 1_024 };
/** Open models' own templates name a date, a role and how tools are called, in some 300 tokens at most. */
const OTHERS: Template = { request: 512, message: 16, tool: 64, tools: 1_024, schema: 1_024 };

const TEMPLATES: Record<ProviderType, Template> = {
  openai: OPENAI,
  anthropic: ANTHROPIC,
  deepseek: OTHERS,
  openrouter: OTHERS,
  ollama: OTHERS,
  'openai-compatible': OTHERS,
  echo: OTHERS,
};

/** The most that a provider adds to what a request says. */
export function templateTokens(type: ProviderType, bearing: PriceBearing): number {
  const { request, message, tool, tools, schema } = TEMPLATES[type];
  const ofTools = bearing.tools > 0 ? tools + bearing.tools * tool + bearing.builtInToolTokens : 0;
  return request + bearing.messages * message + ofTools + (bearing.hasSchema ? schema : 0);
}
