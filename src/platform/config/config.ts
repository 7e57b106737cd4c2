import type { ModelAlias, ProviderConfig } from './provider-config.js';
import type { PriceOverride, TokenCosts, UnpricedPolicy } from './price-config.js';
import type { Secret } from './secret.js';

/**
 * Injection token of the configuration. Ask for the slice you read: `@Inject(CONFIG) config: Pick<Config, 'cache'>`. A reload of
 * the file changes what its sections say: read them where you use them, or subscribe to `LiveConfig` if you make something of them.
 */
export const CONFIG = Symbol('CONFIG');

export const APP_ENVIRONMENTS = ['development', 'test', 'staging', 'production'] as const;
export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;
export const CACHE_MODES = ['off', 'deterministic', 'all'] as const;

/** Everything the gateway was told. Every default is filled in; undefined means switched off. */
export interface Config {
  readonly app: { readonly name: string; readonly environment: (typeof APP_ENVIRONMENTS)[number]; readonly version: string };
  readonly http: HttpConfig;
  readonly log: { readonly level: (typeof LOG_LEVELS)[number]; readonly prompts: boolean };
  readonly database: DatabaseConfig;
  readonly redis: { readonly url: Secret | undefined; readonly cacheUrl: Secret | undefined; readonly whenDown: 'closed' | 'open' };
  readonly keys: KeysConfig;
  readonly jwt: JwtConfig | undefined;
  /** In order of priority. */
  readonly providers: readonly ProviderConfig[];
  readonly models: readonly ModelAlias[];
  /** `prefixes`: how a model's name begins → provider's name. */
  readonly routing: { readonly prefixes: Readonly<Record<string, string>> };
  /** For requests that may leave the model out. */
  readonly defaultModel: string | undefined;
  readonly retry: { readonly maxAttempts: number; readonly baseMs: number; readonly maxMs: number; readonly budgetRatio: number };
  readonly breaker: BreakerConfig;
  readonly cache: CacheConfig;
  /** Defaults for keys and end users without limits of their own; 0 = no limit. */
  readonly limits: LimitsConfig;
  readonly prices: readonly PriceOverride[];
  readonly costPerToken: TokenCosts;
  readonly unpriced: UnpricedPolicy;
  readonly billing: BillingConfig;
  /** Folder of `*.yaml` prompt templates, absolute. */
  readonly templatesDir: string | undefined;
  readonly drain: { readonly timeoutMs: number; readonly settleMs: number };
  readonly workers: number | 'auto';
  readonly privacy: PrivacyConfig;
  /** Days; 0 = for ever. */
  readonly retention: { readonly ledgerDays: number; readonly bodiesDays: number; readonly auditDays: number };
  readonly alerts: { readonly allowPrivateWebhooks: boolean };
  /** 0 = providers are watched by their traffic alone. */
  readonly health: { readonly probeIntervalMs: number };
  readonly telemetry: { readonly otlpEndpoint: string | undefined; readonly otlpHeaders: Secret | undefined; readonly serviceName: string };
  /** Old names that were used, one line each: for the log at boot. */
  readonly deprecations: readonly string[];
  /** What was set and has no effect, or looks like a mistake, one line each: for the log at boot. */
  readonly notices: readonly string[];
}

export interface HttpConfig {
  readonly host: string;
  /** 0 = any free port. */
  readonly port: number;
  readonly maxBodyBytes: number;
  /** Origins as browsers send them, or the single entry `*`. */
  readonly corsOrigins: readonly string[];
  /** Addresses, networks (CIDR) or names of ranges, as Fastify's `trustProxy` takes them. */
  readonly trustProxy: readonly string[];
  /** Silence in a stream after which a comment keeps it open; 0 = never. */
  readonly keepAliveIntervalMs: number;
  /** Model calls at the same time, above which new ones are refused; 0 = no limit. */
  readonly maxCallsInFlight: number;
}

export interface DatabaseConfig {
  /** undefined = the embedded Postgres in `dataDir`. */
  readonly url: Secret | undefined;
  /** For migrations, locks and LISTEN behind a transaction pooler. */
  readonly directUrl: Secret | undefined;
  /** Absolute. */
  readonly dataDir: string;
  /** Of ledger rows on disk in `dataDir`; 0 = none are kept there. */
  readonly spoolMaxBytes: number;
}

/** A gateway key that stands in the environment. */
export interface StaticKey {
  readonly name: string;
  readonly key: Secret;
}

export interface KeysConfig {
  readonly clients: readonly StaticKey[];
  readonly admins: readonly StaticKey[];
  readonly metricsToken: Secret | undefined;
  /** Newest first: the first encrypts, all decrypt. */
  readonly secretKeys: readonly Secret[];
}

export interface JwtConfig {
  readonly verify: { readonly secret: Secret } | { readonly jwksUrl: string };
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: readonly string[];
}

export interface BreakerConfig {
  readonly failureRatio: number;
  readonly minimumCalls: number;
  readonly windowMs: number;
  readonly consecutive: number;
  readonly openMs: number;
  readonly halfOpenCalls: number;
  /** Streams whose first event comes later count as failures; 0 = none do. */
  readonly slowCallMs: number;
}

export interface CacheConfig {
  readonly mode: (typeof CACHE_MODES)[number];
  readonly ttlSeconds: number;
  readonly maxEntryBytes: number;
  readonly maxBytes: number;
  readonly semantic: { readonly enabled: boolean; readonly threshold: number; readonly model: string | undefined };
}

export interface LimitsConfig {
  readonly requestsPerMinute: number;
  readonly requestsPerHour: number;
  readonly tokensPerMinute: number;
  readonly concurrency: number;
}

export interface PrivacyConfig {
  readonly storeBodies: 'off' | 'redacted' | 'full';
  /** Of each stored request, and of each answer. */
  readonly bodiesMaxBytes: number;
  readonly hashUsers: boolean;
}

export interface BillingConfig {
  readonly onClientAbort: 'cancel' | 'drain';
  readonly onUnknownUsage: 'held' | 'counted';
  /** Who pays what a provider reports for an attempt that made no answer. */
  readonly billFailedAttempts: 'provider' | 'tenant';
  /** What a call is charged whose provider says itself what it cost. */
  readonly costSource: 'computed' | 'provider';
  /** 0 = published prices are never taken over without being asked. */
  readonly priceSyncHours: number;
}
