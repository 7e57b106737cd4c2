import { dirname, resolve } from 'node:path';
import type { Config } from './config.js';
import { versionOf } from './live/config-version.js';
import { signatureOf } from './live/file-signature.js';
import { listSettings, type Setting } from './live/settings.js';
import { readEnvironment, warnOfMisspelt } from './environment/environment.js';
import { EnvironmentSource, type Variables } from './environment/environment-source.js';
import { applyOldNames } from './environment/old-names.js';
import { readTokenCosts } from './environment/token-costs.js';
import { Findings } from './findings.js';
import { toJwt, toKeys, toPrivacy } from './sections/access.section.js';
import { toDefaultModel, toModels, toPrefixes, toPrices } from './sections/models.section.js';
import { toBilling, toBreaker, toCache, toLimits, toRetry } from './sections/policy.section.js';
import { toProviders } from './sections/providers.section.js';
import type { Reading } from './sections/reading.js';
import { toApp, toDatabase, toHttp, toRedis, toTelemetry, toWorkers } from './sections/server.section.js';
import { parseFile } from './yaml/file.js';
import { findYaml, yamlPaths } from './yaml/yaml-file.js';

export interface ConfigSources {
  readonly env: Variables;
  /** Where `.env` and the configuration file are looked for, and relative paths start. */
  readonly cwd: string;
  /** What `.env` says, where that is known already; else it is read. */
  readonly dotenv?: Variables;
}

/** A configuration, and what there is to know of where it came from. */
export interface LoadedConfig {
  readonly config: Config;
  /** Names the content of the file: the same in every process that has read the same. */
  readonly version: string;
  /** Absolute; undefined = there is none. */
  readonly file: string | undefined;
  readonly settings: readonly Setting[];
  /** What to read it from again: the variables as they were, and the file as it then is. */
  readonly sources: ConfigSources;
  /** Where the file may be, absolute, in the order in which it is looked for, and the signature of what was there. */
  readonly paths: readonly string[];
  readonly signature: string;
}

const PROCESS: ConfigSources = { env: process.env, cwd: process.cwd() };

/** Reads everything the gateway is told. Throws `ConfigError` with every problem there is, not only the first. */
export function loadConfig(sources: ConfigSources = PROCESS): Config {
  return readConfig(sources).config;
}

/** The same, with what there is to know of it besides. */
export function readConfig({ env, cwd, dotenv }: ConfigSources): LoadedConfig {
  const findings = new Findings();
  const source = new EnvironmentSource(env, cwd, findings, dotenv);
  applyOldNames(source, findings);
  const environment = readEnvironment(source, findings);
  const named = source.find('TOLLGATE_CONFIG');
  const paths = yamlPaths(named, cwd);
  const signature = signatureOf(paths);
  const yaml = findYaml(named, cwd, findings);
  const file = parseFile(yaml?.content, findings);
  const reading: Reading = { source, environment, file, cwd, folder: yaml ? dirname(yaml.path) : cwd, findings };
  const sections = { ...toPlatform(reading), ...toRoutes(reading), ...toPolicies(reading) };
  warnOfMisspelt(source, findings);
  const config: Config = { ...sections, ...findings.conclude(source.secrets) };
  return {
    config,
    version: versionOf(yaml?.content),
    file: yaml?.path,
    settings: listSettings(config, reading, yaml?.content),
    sources: { env: { ...env }, cwd, dotenv: source.dotenv },
    paths,
    signature,
  };
}

function toPlatform(reading: Reading) {
  const { values } = reading.environment;
  return {
    app: toApp(reading),
    http: toHttp(reading),
    log: { level: values.LOG_LEVEL, prompts: values.LOG_PROMPTS },
    database: toDatabase(reading),
    redis: toRedis(reading),
    keys: toKeys(reading),
    jwt: toJwt(reading),
    drain: { timeoutMs: values.DRAIN_TIMEOUT_MS, settleMs: values.DRAIN_SETTLE_MS },
    workers: toWorkers(reading),
    health: { probeIntervalMs: values.PROBE_INTERVAL_MS },
    telemetry: toTelemetry(reading),
  } satisfies Partial<Config>;
}

function toRoutes(reading: Reading) {
  const providers = toProviders(reading);
  const { templates } = reading.file;
  return {
    providers,
    models: toModels(providers, reading),
    routing: { prefixes: toPrefixes(providers, reading) },
    defaultModel: toDefaultModel(providers, reading),
    templatesDir: templates === undefined ? undefined : resolve(reading.folder, templates),
  } satisfies Partial<Config>;
}

function toPolicies(reading: Reading) {
  const { values } = reading.environment;
  return {
    retry: toRetry(reading),
    breaker: toBreaker(reading),
    cache: toCache(reading),
    limits: toLimits(reading),
    prices: toPrices(reading),
    costPerToken: readTokenCosts(reading.source, reading.findings),
    unpriced: values.UNPRICED_MODELS,
    billing: toBilling(reading),
    privacy: toPrivacy(reading),
    retention: {
      ledgerDays: values.LEDGER_RETENTION_DAYS,
      bodiesDays: values.BODIES_RETENTION_DAYS,
      auditDays: values.AUDIT_RETENTION_DAYS,
    },
    alerts: { allowPrivateWebhooks: values.ALLOW_PRIVATE_WEBHOOKS },
  } satisfies Partial<Config>;
}
