import type { Config } from '../config.js';
import type { ProviderConfig } from '../provider-config.js';
import { isSame } from './is-same.js';

/** What a reload changes, by name. */
export interface Changes {
  /** Sections of the configuration that differ, `providers` among them. */
  readonly sections: readonly (keyof Config)[];
  readonly providers: { readonly added: readonly string[]; readonly changed: readonly string[]; readonly removed: readonly string[] };
}

/** What the file says, and what can therefore change while the gateway runs; everything else comes from the environment alone. */
const IN_FILE: ReadonlySet<keyof Config> = new Set<keyof Config>([
  'providers',
  'models',
  'routing',
  'defaultModel',
  'retry',
  'breaker',
  'cache',
  'limits',
  'prices',
  'templatesDir',
  'deprecations',
  'notices',
]);

/** The running configuration with what the file now says. The environment is that of the start, but files that it names may differ. */
export function withFileOf(running: Config, read: Config): { readonly config: Config; readonly needRestart: readonly (keyof Config)[] } {
  const keys = Object.keys(read) as (keyof Config)[];
  const fixed = keys.filter((key) => !IN_FILE.has(key));
  const kept = Object.fromEntries(fixed.map((key) => [key, running[key]]));
  return { config: { ...read, ...kept }, needRestart: fixed.filter((key) => !isSame(running[key], read[key])) };
}

export function changesBetween(before: Config, after: Config): Changes {
  const keys = Object.keys(after) as (keyof Config)[];
  const old = byName(before);
  const now = byName(after);
  return {
    sections: keys.filter((key) => !isSame(before[key], after[key])),
    providers: {
      added: [...now.keys()].filter((name) => !old.has(name)),
      changed: [...now.keys()].filter((name) => old.has(name) && !isSame(old.get(name), now.get(name))),
      removed: [...old.keys()].filter((name) => !now.has(name)),
    },
  };
}

function byName({ providers }: Config): ReadonlyMap<string, ProviderConfig> {
  return new Map(providers.map((provider) => [provider.name, provider]));
}
