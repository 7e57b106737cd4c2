/** How long and how hard budgets are tortured. Money is in US dollars. */
export interface BudgetPlan {
  readonly clients: number;
  readonly gateways: number;
  /** Of each part of the drill. */
  readonly forMs: number;
  /** Between two kills, at random within the range. */
  readonly killEveryMs: readonly [number, number];
  /** On everything; the others are shares of it. */
  readonly everythingUsd: number;
}

export const WHOLE_BUDGET: BudgetPlan = {
  clients: 300,
  gateways: 3,
  forMs: 120_000,
  killEveryMs: [5_000, 15_000],
  everythingUsd: 600,
};

/** So little money that limits are met on a slow machine, too. */
export const SHORT_BUDGET: BudgetPlan = {
  clients: 30,
  gateways: 2,
  forMs: 8_000,
  killEveryMs: [2_000, 3_000],
  everythingUsd: 6,
};

/** Names and prices of the models, US dollars per million tokens: as uneven as they come. */
export const TORTURE_MODELS = [
  { name: 'torture-cheap', input: 3, output: 11 },
  { name: 'torture-odd', input: 17.3, output: 61.7 },
  { name: 'torture-dear', input: 190, output: 770 },
] as const;

/** What an attempt cost by the provider's own figures, in nano-dollars: rounded once, half to even, as a bill is. */
export function costNanoUsd(model: string, inputTokens: number, outputTokens: number): bigint {
  const { input, output } = TORTURE_MODELS.find(({ name }) => name === model)!;
  const pico = BigInt(Math.round(input * 1e6)) * BigInt(inputTokens) + BigInt(Math.round(output * 1e6)) * BigInt(outputTokens);
  const nano = pico / 1_000n;
  const rest = pico % 1_000n;
  return rest > 500n || (rest === 500n && nano % 2n === 1n) ? nano + 1n : nano;
}
