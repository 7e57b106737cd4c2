import type { ProviderType } from '../../core/provider.js';

/** At most, in tokens: what is true of each model that a row names, and of whatever a beta header makes of it. */
export interface ModelLimits {
  readonly contextWindow: number;
  /** Of one answer, thoughts included. */
  readonly maxOutput: number;
}

type Row = readonly [name: RegExp, contextWindow: number, maxOutput: number];

/** Models are named with or without the date of their making. */
const DATE = String.raw`(?:-(?:\d{4}-\d\d-\d\d|\d{4}))?$`;
const row = (name: string, contextWindow: number, maxOutput: number): Row => [new RegExp(`^${name}${DATE}`), contextWindow, maxOutput];

/** OpenAI's own pages of its models (platform.openai.com/docs/models, developers.openai.com/api/docs/models). */
const OPENAI: readonly Row[] = [
  row('gpt-3\\.5-turbo', 16_385, 4_096),
  row('gpt-3\\.5-turbo-16k', 16_385, 16_385),
  row('gpt-4', 8_192, 8_192),
  row('gpt-4-32k', 32_768, 32_768),
  row('gpt-4-turbo(?:-preview)?', 128_000, 4_096),
  row('(?:chatgpt-4o-latest|gpt-4o(?:-mini)?(?:-audio-preview)?|gpt-audio(?:-mini)?)', 128_000, 16_384),
  row('gpt-4\\.1(?:-mini|-nano)?', 1_050_000, 32_768),
  row('gpt-4\\.5-preview', 128_000, 16_384),
  row('o1-preview', 128_000, 32_768),
  row('o1-mini', 128_000, 65_536),
  row('(?:o1|o1-pro|o3|o3-pro|o3-mini|o4-mini|codex-mini-latest)', 200_000, 100_000),
  row('gpt-5(?:\\.\\d)?-chat-latest', 400_000, 16_384),
  row('gpt-5-pro', 400_000, 272_000),
  row('gpt-[56](?:\\.\\d)?(?:-(?:mini|nano|pro|codex|codex-mini|codex-max|sol|luna|terra|astra))?', 1_050_000, 128_000),
];

/** DeepSeek's page of models and prices: 1M of context and 384K of answer, for its earlier names, too, which lead to the same models. */
const DEEPSEEK: readonly Row[] = [row('deepseek-(?:chat|reasoner|v4-flash|v4-pro)', 1_048_576, 393_216)];

/** Those from 4 on take a million, some of them with a beta header. The answers are those of Anthropic's overview of its models. */
const CLAUDE_WINDOWS = { early: 200_000, later: 1_000_000 };
/** No version yet has a longer window; of later ones nothing is known. */
const LAST_CLAUDE = 6;

/** What a model can read and say at most, as its maker documents it; undefined where that is not known for certain. */
export function limitsOf(type: ProviderType, model: string): ModelLimits | undefined {
  switch (type) {
    case 'openai':
      return find(OPENAI, model);
    case 'deepseek':
      return find(DEEPSEEK, model);
    case 'anthropic':
      return claudeLimits(model);
    case 'openrouter':
      return limitsAtOpenRouter(model);
    case 'ollama':
    case 'openai-compatible':
    case 'echo':
      // The same name may be any model at all.
      return undefined;
  }
}

/** By `maker/model`. Its hosts of open models set limits of their own. */
function limitsAtOpenRouter(model: string): ModelLimits | undefined {
  if (model.startsWith('openai/')) return find(OPENAI, model.slice('openai/'.length));
  return model.startsWith('anthropic/') ? claudeLimits(model.slice('anthropic/'.length)) : undefined;
}

function find(rows: readonly Row[], model: string): ModelLimits | undefined {
  const found = rows.find(([name]) => name.test(model));
  return found && { contextWindow: found[1], maxOutput: found[2] };
}

function claudeLimits(model: string): ModelLimits | undefined {
  const version = claudeVersion(model);
  if (version === undefined || version >= LAST_CLAUDE) return undefined;
  const contextWindow = version < 4 ? CLAUDE_WINDOWS.early : CLAUDE_WINDOWS.later;
  if (version < 3.5) return { contextWindow, maxOutput: 4_096 };
  return { contextWindow, maxOutput: version < 3.7 ? 8_192 : 128_000 };
}

/** 4.7 for `claude-opus-4-7` and `claude-4.7-opus`, 4 for `claude-sonnet-4-20250514`; undefined for a name without one. */
export function claudeVersion(model: string): number | undefined {
  const found = /^claude-(?:[a-z]+-)?(\d)(?!\d)(?:[.-](\d)(?!\d))?/.exec(model);
  return found ? Number(`${found[1]}.${found[2] ?? 0}`) : undefined;
}
