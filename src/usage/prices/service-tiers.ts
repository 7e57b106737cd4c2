import type { PriceFactor, PricedModel } from '../../core/price.js';
import type { ProviderType } from '../../core/provider.js';

type Factors = NonNullable<PricedModel['factors']>;

const factor = (numerator: bigint, denominator: bigint): PriceFactor => ({ numerator, denominator });

/**
 * OpenAI: in a batch half of what synchronous calls cost, and flex at the rates of a batch
 * (developers.openai.com/api/docs/guides/batch and …/flex-processing).
 */
const OPENAI: Factors = { batch: factor(1n, 2n), flex: factor(1n, 2n) };

/**
 * What OpenAI charges for priority processing (openai.com/api-priority-processing) by what it charges else
 * (developers.openai.com/api/docs/pricing). Of each model in it input, cached input and output have the same ratio. Models that are
 * not in it have no factor, which is not one of 1.
 */
const OPENAI_PRIORITY: readonly (readonly [model: RegExp, factor: PriceFactor])[] = [
  [modelNamed('gpt-5\\.5'), factor(5n, 2n)],
  [modelNamed('gpt-5\\.4(?:-mini)?|gpt-5\\.2|gpt-5\\.1(?:-codex)?|gpt-5(?:-codex)?'), factor(2n, 1n)],
  [modelNamed('gpt-5-mini'), factor(9n, 5n)],
  [modelNamed('gpt-4\\.1'), factor(7n, 4n)],
];

/**
 * Anthropic: half of all prices in a batch (platform.claude.com/docs/en/build-with-claude/batch-processing). Its priority tier is capacity
 * that was bought before, at a price of its owner's own (platform.claude.com/docs/en/api/service-tiers).
 */
const ANTHROPIC: Factors = { batch: factor(1n, 2n) };

/** What service tiers cost at this provider, as shares and multiples of the model's price; undefined where nobody knows of any. */
export function factorsOf(type: ProviderType, model: string): Factors | undefined {
  if (type === 'anthropic') return ANTHROPIC;
  if (type !== 'openai') return undefined;
  const priority = OPENAI_PRIORITY.find(([name]) => name.test(model))?.[1];
  return priority ? { ...OPENAI, priority } : OPENAI;
}

/** With or without the date of its making. */
function modelNamed(names: string): RegExp {
  return new RegExp(`^(?:${names})(?:-\\d{4}-\\d\\d-\\d\\d)?$`);
}
