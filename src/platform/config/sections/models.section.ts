import type { RouteTimeouts } from '../../../core/provider.js';
import { showFound } from '../found.js';
import { findNearest } from '../nearest.js';
import { toPicoUsd } from '../pico-usd.js';
import type { PriceOverride } from '../price-config.js';
import type { ModelAlias, ModelPlace, ProviderConfig } from '../provider-config.js';
import type { Entry } from '../yaml/file.js';
import { DEFAULT_PREFIXES } from '../yaml/file.schema.js';
import type { ModelYaml } from '../yaml/model.schema.js';
import { toPathText } from '../yaml/yaml-problems.js';
import { reportDoubles } from './doubles.js';
import { ACCOUNTS, switchOf } from './provider-accounts.js';
import type { Reading } from './reading.js';

const TARGET_LISTS = ['targets', 'on_context_overflow', 'on_content_policy'] as const;

export function toModels(providers: readonly ProviderConfig[], reading: Reading): readonly ModelAlias[] {
  const { models } = reading.file;
  reportDoubles(models, 'name', reading.findings);
  return models.map((entry) => {
    for (const list of TARGET_LISTS) checkTargets(entry, list, providers, reading);
    const { name, strategy, targets, on_context_overflow: onContextOverflow, on_content_policy: onContentPolicy } = entry.value;
    return { name, strategy, targets, onContextOverflow, onContentPolicy, timeouts: toTimeouts(entry.value.timeouts) };
  });
}

/** Undefined where the route is in no hurry of its own: then no call of it has deadlines to compare. */
function toTimeouts({
  first_token_ms: firstTokenMs,
  idle_ms: idleMs,
  total_ms: totalMs,
}: ModelYaml['timeouts']): RouteTimeouts | undefined {
  if (firstTokenMs === undefined && idleMs === undefined && totalMs === undefined) return undefined;
  return {
    ...(firstTokenMs !== undefined && { firstTokenMs }),
    ...(idleMs !== undefined && { idleMs }),
    ...(totalMs !== undefined && { totalMs }),
  };
}

function checkTargets(
  { path, value }: Entry<ModelYaml>,
  list: (typeof TARGET_LISTS)[number],
  providers: readonly ProviderConfig[],
  reading: Reading,
): void {
  value[list].forEach((target: ModelPlace, at) => checkProvider(`${path}.${list}[${at}].provider`, target.provider, providers, reading));
}

/** Prefixes that the file names itself must lead somewhere; the default ones need not. */
export function toPrefixes(providers: readonly ProviderConfig[], reading: Reading): Readonly<Record<string, string>> {
  const { prefixes } = reading.file.routing;
  for (const [prefix, provider] of Object.entries(prefixes ?? {})) {
    checkProvider(toPathText(['routing', 'prefixes', prefix]), provider, providers, reading);
  }
  return prefixes ?? DEFAULT_PREFIXES;
}

function checkProvider(where: string, name: string, providers: readonly ProviderConfig[], { file, findings }: Reading): void {
  const names = providers.map((provider) => provider.name);
  if (names.includes(name) || file.providersBroken) return;
  const nearest = findNearest(name, names);
  const account = Object.entries(ACCOUNTS).find(([type]) => type === name)?.[1];
  const advice = account ? `set ${switchOf(account)}, or list it under providers` : `configured are ${names.join(', ')}`;
  findings.problems.push(`${where}: there is no provider "${name}"; ${nearest ? `did you mean ${nearest}?` : advice}`);
}

/** What a request gets that leaves its model out. */
export function toDefaultModel(providers: readonly ProviderConfig[], { environment }: Reading): string | undefined {
  const { DEFAULT_MODEL, OPENAI_MODEL } = environment.values;
  const first = providers.find((provider) => provider.enabled);
  const listed = first?.type === 'echo' ? 'echo' : first?.models?.find((model) => !model.includes('*'));
  return DEFAULT_MODEL ?? OPENAI_MODEL ?? listed;
}

type Side = 'input' | 'output' | 'cache_read' | 'cache_write' | 'reasoning' | 'request';

export function toPrices({ file, findings }: Reading): readonly PriceOverride[] {
  reportDoubles(file.prices, 'model', findings);
  return file.prices.map(({ path, value }) => {
    const read = (side: Side): bigint | undefined => {
      const written = value[side];
      const per = side === 'request' ? 1 : value.per;
      const pico = written === undefined ? undefined : toPicoUsd(written, BigInt(per));
      if (typeof pico !== 'object') return pico;
      const what = side === 'request' ? 'a call' : `${per} tokens`;
      findings.problems.push(`${path}.${side}: ${pico.problem}, found ${showFound(written)} for ${what}`);
      return undefined;
    };
    return {
      model: value.model,
      inputPicoUsd: read('input') ?? 0n,
      outputPicoUsd: read('output') ?? 0n,
      cacheReadPicoUsd: read('cache_read'),
      cacheWritePicoUsd: read('cache_write'),
      reasoningPicoUsd: read('reasoning'),
      requestPicoUsd: read('request'),
    };
  });
}
