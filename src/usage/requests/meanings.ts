import type { Ending } from '../../core/call.js';
import type { UsageSource } from '../../core/usage.js';
import type { Basis } from './charge.js';

const ENDINGS: Readonly<Record<Ending, string>> = {
  complete: 'The whole answer went to the client.',
  client_gone: 'The client hung up before it had the whole answer.',
  upstream_cut: 'The provider stopped in the middle of its answer.',
  timed_out: 'A deadline passed before the answer was complete.',
  failed: 'An error came before or instead of an answer.',
  interrupted: 'The gateway died before the call was over. Its figures are what it was held at.',
};

const SOURCES: Readonly<Record<UsageSource, string>> = {
  provider: 'The provider reported these tokens.',
  counted: 'The provider made no report: the gateway counted the tokens of what was carried.',
  estimated: 'The provider made no report: these tokens are an estimate, or what the call was held at.',
};

const BASES: Readonly<Record<Basis, string>> = {
  prices: 'Tokens times prices, rounded once.',
  prices_and_failed_attempts: 'Tokens times prices, rounded once, and what failed attempts cost, as far as budgets had room for it.',
  provider: "The provider's own figure.",
  held: 'What the call was held at, because nobody reported what it used.',
  no_price: 'No price was known for this model, which does not mean that it was free.',
  prices_not_kept: 'The prices of this call were not kept; its cost was calculated when it ended.',
  nothing_used: 'No tokens were used.',
  unexplained: 'The stored cost is not what the kept tokens and prices make. Please report this request.',
};

/** In words; what is not known by them is its own word. */
export function meaningOf(what: 'ending' | 'usage_source' | 'basis', value: string): string {
  const words: Readonly<Record<string, string>> = { ending: ENDINGS, usage_source: SOURCES, basis: BASES }[what];
  return words[value] ?? value;
}
