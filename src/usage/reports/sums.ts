/** Sums over calls. */
export interface Sums {
  readonly requests: bigint;
  readonly errors: bigint;
  readonly unpriced: bigint;
  readonly input: bigint;
  readonly cacheRead: bigint;
  readonly cacheWrite5m: bigint;
  readonly cacheWrite1h: bigint;
  readonly output: bigint;
  readonly reasoning: bigint;
  readonly audioInput: bigint;
  readonly audioOutput: bigint;
  readonly image: bigint;
  readonly costNanoUsd: bigint;
}

/** Those of one slot and one name; the name is `''` where there is none. */
export interface NamedSums extends Sums {
  readonly slot: number;
  readonly name: string;
}

/** By the column of cells. */
export const COLUMNS: Readonly<Record<keyof Sums, string>> = {
  requests: 'requests',
  errors: 'errors',
  unpriced: 'unpriced',
  input: 'input_tokens',
  cacheRead: 'cache_read_tokens',
  cacheWrite5m: 'cache_write_5m_tokens',
  cacheWrite1h: 'cache_write_1h_tokens',
  output: 'output_tokens',
  reasoning: 'reasoning_tokens',
  audioInput: 'audio_input_tokens',
  audioOutput: 'audio_output_tokens',
  image: 'image_tokens',
  costNanoUsd: 'cost_nano_usd',
};

const FIGURES = Object.keys(COLUMNS) as readonly (keyof Sums)[];

export const NO_SUMS: Sums = made(() => 0n);

export function added(one: Sums, other: Sums): Sums {
  return made((figure) => one[figure] + other[figure]);
}

export function subtracted(one: Sums, other: Sums): Sums {
  return made((figure) => one[figure] - other[figure]);
}

/** The dearest first, then the most called; the rest is the alphabet. */
export function byFallingCost<Row extends Pick<Sums, 'costNanoUsd' | 'requests'> & { readonly name: string }>(
  one: Row,
  other: Row,
): number {
  if (one.costNanoUsd !== other.costNanoUsd) return one.costNanoUsd > other.costNanoUsd ? -1 : 1;
  if (one.requests !== other.requests) return one.requests > other.requests ? -1 : 1;
  if (one.name === other.name) return 0;
  return one.name < other.name ? -1 : 1;
}

function made(figure: (name: keyof Sums) => bigint): Sums {
  return Object.fromEntries(FIGURES.map((name) => [name, figure(name)])) as unknown as Sums;
}
