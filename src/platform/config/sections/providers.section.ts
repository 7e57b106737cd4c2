import type { DialectName } from '../../../core/call.js';
import type { ProviderType } from '../../../core/provider.js';
import type { ProviderConfig } from '../provider-config.js';
import { parseWebAddress } from '../environment/address.kinds.js';
import { oneOf } from '../environment/kind.js';
import { DIALECTS_OF } from '../provider-dialects.js';
import type { Entry } from '../yaml/file.js';
import { PROVIDER_TYPES, providerSchema, type ProviderYaml } from '../yaml/provider.schema.js';
import { reportDoubles } from './doubles.js';
import { ACCOUNTS, type Account, switchOf } from './provider-accounts.js';
import { checkHeaders } from './provider-headers.js';
import { keyVariablesOf, loadKeys } from './provider-keys.js';
import type { Reading } from './reading.js';

const NONE = `No provider is configured. Set ${oneOf(Object.values(ACCOUNTS).map(switchOf))}, or list one under providers in tollgate.yaml`;

/** The providers of the file, those that the environment switches on besides, and `echo` where there is none at all. */
export function toProviders(reading: Reading): readonly ProviderConfig[] {
  const { environment, file, findings } = reading;
  const entries = [...file.providers, ...accountsOf(reading)];
  reportDoubles(file.providers, 'name', findings);
  const providers = entries.flatMap((entry) => toProvider(entry, reading) ?? []);
  if (entries.length === 0 && !file.providersBroken) {
    if (environment.values.APP_ENV === 'production') findings.problems.push(`${NONE}.`);
    else return [echo(reading)];
  }
  if (providers.length > 0 && !providers.some((provider) => provider.enabled)) {
    findings.notices.push('Every provider is disabled: no model call can be answered.');
  }
  return providers.toSorted((left, right) => left.priority - right.priority);
}

function echo(reading: Reading): ProviderConfig {
  return toProvider({ path: 'providers', value: providerSchema.parse({ name: 'echo', type: 'echo' }) }, reading)!;
}

/** An account whose key, or address, the file gives to a provider of its own is that provider, whatever its name. */
function accountsOf({ environment, file, findings }: Reading): readonly Entry<ProviderYaml>[] {
  const taken = file.providers.flatMap(variablesOf);
  return Object.entries(ACCOUNTS).flatMap(([type, account]) => {
    const variable = switchOf(account);
    if (!environment.set.has(variable) || taken.includes(variable)) return [];
    if (file.providers.some(({ value }) => value.name === type)) {
      findings.notices.push(`${variable} is set, but the provider ${type} of the configuration file does not use it.`);
      return [];
    }
    return [{ path: variable, value: providerSchema.parse({ name: type, type }) }];
  });
}

function variablesOf(entry: Entry<ProviderYaml>): readonly string[] {
  const account = accountOf(typeOf(entry.value));
  const keys = keyVariablesOf(entry, account);
  return account && entry.value.base_url === undefined ? [...keys, account.base] : keys;
}

function typeOf({ name, type }: ProviderYaml): ProviderType | undefined {
  return type ?? PROVIDER_TYPES.find((known) => known === name);
}

function accountOf(type: ProviderType | undefined): Account | undefined {
  return type && ACCOUNTS[type];
}

function toProvider(entry: Entry<ProviderYaml>, reading: Reading): ProviderConfig | undefined {
  const { path, value } = entry;
  const type = typeOf(value);
  if (!type) {
    reading.findings.problems.push(`${path}.type: is missing; expected ${PROVIDER_TYPES.join(', ')}`);
    return undefined;
  }
  return {
    name: value.name,
    type,
    baseUrl: toBaseUrl(entry, type, reading),
    apiKeys: type === 'echo' ? [] : loadKeys(entry, accountOf(type), reading),
    models: value.models,
    enabled: value.enabled,
    priority: value.priority,
    weight: value.weight,
    dialects: toDialects(entry, type, reading),
    timeouts: {
      connectMs: value.timeouts.connect_ms,
      firstTokenMs: value.timeouts.first_token_ms,
      idleMs: value.timeouts.idle_ms,
      totalMs: value.timeouts.total_ms,
    },
    maxConcurrency: value.max_concurrency,
    headers: checkHeaders(path, value.headers, reading.findings),
    trustUnknown: value.trust_unknown,
    streamOptions: value.stream_options,
    maxTokensField: value.max_tokens_field,
  };
}

function toBaseUrl({ path, value }: Entry<ProviderYaml>, type: ProviderType, { environment, findings }: Reading): string {
  if (type === 'echo') {
    const useless = (['base_url', 'api_key_env', 'api_keys_env'] as const).filter((key) => value[key] !== undefined);
    findings.problems.push(...useless.map((key) => `${path}.${key}: echo has none; remove it`));
    return '';
  }
  const account = accountOf(type);
  const base = value.base_url ?? (account && environment.values[account.base]);
  if (base === undefined) findings.problems.push(`${path}.base_url: is missing; ${type} has no address of its own`);
  return (base && parseWebAddress(base)) ?? '';
}

function toDialects({ path, value }: Entry<ProviderYaml>, type: ProviderType, { findings }: Reading): readonly DialectName[] {
  const { standard, more } = DIALECTS_OF[type];
  const dialects = [...new Set(value.dialects ?? standard)];
  const strange = dialects.filter((dialect) => !standard.includes(dialect) && !more.includes(dialect));
  if (strange.length > 0) {
    findings.problems.push(
      `${path}.dialects: ${strange.join(', ')}: the provider ${value.name} is of the type ${type}, which speaks ${oneOf([...standard, ...more])}`,
    );
  }
  return dialects;
}
