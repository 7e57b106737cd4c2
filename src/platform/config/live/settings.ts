import type { Config } from '../config.js';
import { ENVIRONMENT_GROUPS, type VariableName } from '../environment/environment.js';
import type { Row } from '../environment/row.js';
import { TOKEN_COST_PREFIX } from '../environment/token-costs.js';
import type { ProviderConfig } from '../provider-config.js';
import { ACCOUNTS } from '../sections/provider-accounts.js';
import type { Reading } from '../sections/reading.js';
import { Secret } from '../secret.js';
import { toPathText } from '../yaml/yaml-problems.js';

/** One value of the running configuration as people may see it, and where it came from. */
export interface Setting {
  /** A variable (`PORT`), or a place in the file with entries by their names (`providers.openai.base_url`). */
  readonly name: string;
  /** JSON. A secret is `***`; null = unset. */
  readonly value: unknown;
  readonly source: 'environment' | 'file' | 'default';
}

/** Variables that say the same as a key of the file, and win over it. */
const VARIABLE_OF: Readonly<Partial<Record<string, VariableName>>> = {
  'limits.requests_per_minute': 'MAX_REQUESTS_PER_MINUTE',
  'limits.requests_per_hour': 'MAX_REQUESTS_PER_HOUR',
  'cache.mode': 'CACHE_MODE',
  'cache.ttl_seconds': 'CACHE_TTL_SECONDS',
};

const SECTIONS = ['routing', 'retry', 'breaker', 'cache', 'limits'] as const satisfies readonly (keyof Config)[];

type Path = readonly string[];

/** Everything that is in force, by the names that the operator knows. `content` is the file as it was written. */
export function listSettings(config: Config, reading: Reading, content: unknown): readonly Setting[] {
  const inFile = [
    ...config.providers.flatMap((provider) => providerSettings(provider, reading, content)),
    ...config.models.flatMap((alias) => settingsOf(alias, ['models', alias.name], entryOf(content, 'models', alias.name))),
    ...SECTIONS.flatMap((name) => settingsOf(config[name], [name], at(content, [name]))).map((setting) => overruled(setting, reading)),
    ...priceSettings(content),
    { name: 'templates', value: config.templatesDir ?? null, source: sourceIn(content, ['templates']) },
  ];
  return [...variableSettings(reading, inFile), ...inFile];
}

function variableSettings({ source, environment }: Reading, inFile: readonly Setting[]): readonly Setting[] {
  const rows = ENVIRONMENT_GROUPS.flatMap((group) => Object.entries<Row>(group.rows));
  const fixed = rows.map(([name, row]): Setting => {
    const twin = inFile.find((setting) => VARIABLE_OF[setting.name] === name);
    if (twin) return { ...twin, name, value: String(twin.value) };
    const isSet = environment.set.has(name as VariableName);
    const written = row.kind.secret ? undefined : source.find(name)?.text;
    return { name, value: written ?? (isSet ? MASK : (row.default ?? null)), source: isSet ? 'environment' : 'default' };
  });
  const costs = source.names().filter((name) => name.startsWith(TOKEN_COST_PREFIX));
  return [...fixed, ...costs.map((name): Setting => ({ name, value: source.find(name)!.text, source: 'environment' }))];
}

const MASK = '***';

function overruled(setting: Setting, { environment }: Reading): Setting {
  const variable = VARIABLE_OF[setting.name];
  return variable && environment.set.has(variable) ? { ...setting, source: 'environment' } : setting;
}

/** Keys come from the environment alone; an address may. */
function providerSettings(provider: ProviderConfig, { environment }: Reading, content: unknown): readonly Setting[] {
  const place: Path = ['providers', provider.name];
  const variable = ACCOUNTS[provider.type]?.base;
  const fromEnvironment = [
    ...(provider.apiKeys.length > 0 ? ['api_keys'] : []),
    ...(variable && environment.set.has(variable) ? ['base_url'] : []),
  ].map((key) => toPathText([...place, key]));
  return settingsOf(provider, place, entryOf(content, 'providers', provider.name)).map((setting) =>
    setting.source === 'default' && fromEnvironment.includes(setting.name) ? { ...setting, source: 'environment' } : setting,
  );
}

/** Prices as they were written: inside they are in a unit that nobody would recognise. */
function priceSettings(content: unknown): readonly Setting[] {
  return listAt(content, 'prices').flatMap((price) => settingsOf(price, ['prices', String(at(price, ['model']))], price));
}

/** One setting for each value under `section`, which stands at `place`; `written` is what the file says there. */
function settingsOf(section: object, place: Path, written: unknown, below: Path = []): readonly Setting[] {
  return Object.entries(section).flatMap(([field, value]: [string, unknown]): readonly Setting[] => {
    const key = field.replaceAll(/[A-Z]/g, (capital) => `_${capital.toLowerCase()}`);
    const path = [...below, key];
    // The keys of these two are the operator's own.
    if (isMapping(value) && key !== 'prefixes' && key !== 'headers') return settingsOf(value, place, written, path);
    return [{ name: toPathText([...place, ...path]), value: shown(key, value), source: sourceIn(written, path) }];
  });
}

/** Headers are not for credentials, which does not mean that there are none among them. */
function shown(key: string, value: unknown): unknown {
  if (key === 'headers') return Object.fromEntries(Object.keys(value as object).map((name) => [name, MASK]));
  if (Array.isArray(value)) return value.map((item) => shown('', item));
  return value instanceof Secret ? MASK : (value ?? null);
}

function sourceIn(written: unknown, path: Path): Setting['source'] {
  return at(written, path) === undefined ? 'default' : 'file';
}

function entryOf(content: unknown, list: string, name: string): unknown {
  return listAt(content, list).find((entry) => at(entry, ['name']) === name);
}

function listAt(content: unknown, name: string): readonly object[] {
  const list = at(content, [name]);
  return Array.isArray(list) ? list.filter(isMapping) : [];
}

function at(content: unknown, path: Path): unknown {
  return path.reduce((inner, key) => (isMapping(inner) ? inner[key] : undefined), content);
}

function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Secret);
}
