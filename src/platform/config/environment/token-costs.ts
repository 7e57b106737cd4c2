import { showFound } from '../found.js';
import type { Findings } from '../findings.js';
import { toPicoUsd } from '../pico-usd.js';
import type { TokenCost, TokenCosts } from '../price-config.js';
import type { EnvironmentSource } from './environment-source.js';

export const TOKEN_COST_PREFIX = 'COST_PER_TOKEN_';

/** Families price what nothing else prices; the names of their models begin like this. */
export const FAMILIES: Readonly<Record<string, string>> = { GPT4: 'gpt-4', GPT35: 'gpt-3.5', CLAUDE: 'claude' };

const NAME = /^COST_PER_TOKEN_([A-Z0-9_]+?)(?:_(INPUT|OUTPUT))?$/;

/** A model's name as `COST_PER_TOKEN_…` variables spell it: `gpt-4o` is `GPT_4O`. */
export function toCostKey(model: string): string {
  return model.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_');
}

interface Sides {
  both?: bigint;
  input?: bigint;
  output?: bigint;
}

/** Prices in US dollars per token; a variable for one side comes before the one for both. */
export function readTokenCosts(source: EnvironmentSource, findings: Findings): TokenCosts {
  const models = new Map<string, Sides>();
  for (const name of source.names()) {
    if (!name.startsWith(TOKEN_COST_PREFIX)) continue;
    const [, model, side = 'BOTH'] = NAME.exec(name) ?? [];
    const pico = readPrice(name, source.find(name)!.text, findings);
    if (model === undefined) findings.problems.push(`${name}: expected the model's name upper-cased with _, as in COST_PER_TOKEN_GPT_4O`);
    else if (pico !== undefined) models.set(model, { ...models.get(model), [side.toLowerCase()]: pico });
  }
  const costs = [...models].map(([model, sides]): TokenCost => ({ model, ...toPrices(sides) }));
  return {
    exact: costs.filter(({ model }) => !Object.hasOwn(FAMILIES, model)),
    families: costs.flatMap((cost) => (Object.hasOwn(FAMILIES, cost.model) ? [{ ...cost, model: FAMILIES[cost.model]! }] : [])),
  };
}

function toPrices({ both, input = both, output = both }: Sides): Pick<TokenCost, 'inputPicoUsd' | 'outputPicoUsd'> {
  return { inputPicoUsd: input, outputPicoUsd: output };
}

function readPrice(name: string, text: string, findings: Findings): bigint | undefined {
  const pico = toPicoUsd(text);
  if (typeof pico === 'bigint') return pico;
  findings.problems.push(`${name}: ${pico.problem}, found ${showFound(text)}`);
  return undefined;
}
