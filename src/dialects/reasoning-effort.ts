/** A budget up to this many tokens is a low effort, and up to the next a medium one. */
const LOW_TOKENS = 2_048;
const MEDIUM_TOKENS = 8_192;

/** The word for a budget of reasoning, for dialects that know words alone. No provider says what its words stand for: these are ours. */
export function effortOfBudget(budgetTokens: number): 'low' | 'medium' | 'high' {
  if (budgetTokens <= LOW_TOKENS) return 'low';
  return budgetTokens <= MEDIUM_TOKENS ? 'medium' : 'high';
}
