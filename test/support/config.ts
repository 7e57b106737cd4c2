import type { Config } from '../../src/platform/config/config.js';
import type { ProviderConfig } from '../../src/platform/config/provider-config.js';

/** A provider as the configuration would describe it, pointing nowhere until told. */
export function testProvider(overrides: Partial<ProviderConfig> = {}): ProviderConfig {
  return {
    name: 'echo',
    type: 'echo',
    baseUrl: '',
    apiKeys: [],
    models: undefined,
    enabled: true,
    priority: 1,
    weight: 1,
    dialects: ['openai-chat'],
    timeouts: { connectMs: 2_000, firstTokenMs: 10_000, idleMs: 10_000, totalMs: 20_000 },
    maxConcurrency: 0,
    headers: {},
    trustUnknown: false,
    streamOptions: true,
    maxTokensField: undefined,
    ...overrides,
  };
}

/** Lists are given whole, sections in part. */
export type ConfigOverrides = {
  readonly [Key in keyof Config]?: Config[Key] extends readonly unknown[] ? Config[Key] : Partial<Config[Key]>;
};

/**
 * A valid configuration that reads neither the environment nor a file: a free port on 127.0.0.1, the `echo` provider,
 * no keys, no limits, a silent log.
 */
export function testConfig(overrides: ConfigOverrides = {}): Config {
  const config: Record<string, unknown> = { ...VALID };
  for (const [key, value] of Object.entries(overrides)) {
    config[key] = isSection(config[key]) && isSection(value) ? { ...config[key], ...value } : value;
  }
  return config as unknown as Config;
}

function isSection(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const ROUTES = {
  providers: [testProvider()],
  models: [],
  routing: { prefixes: { 'gpt-': 'openai', 'deepseek-': 'deepseek' } },
  defaultModel: 'echo',
  deprecations: [],
  notices: [],
} satisfies Partial<Config>;

const PLATFORM = {
  app: { name: 'tollgate', environment: 'test', version: '0.0.0-test' },
  http: {
    host: '127.0.0.1',
    port: 0,
    maxBodyBytes: 20_971_520,
    corsOrigins: [],
    trustProxy: [],
    keepAliveIntervalMs: 10_000,
    maxCallsInFlight: 0,
  },
  log: { level: 'silent', prompts: false },
  database: { url: undefined, directUrl: undefined, dataDir: '.tollgate', spoolMaxBytes: 0 },
  redis: { url: undefined, cacheUrl: undefined, whenDown: 'closed' },
  keys: { clients: [], admins: [], metricsToken: undefined, secretKeys: [] },
  jwt: undefined,
  templatesDir: undefined,
  drain: { timeoutMs: 5_000, settleMs: 0 },
  workers: 1,
  health: { probeIntervalMs: 0 },
  telemetry: { otlpEndpoint: undefined, otlpHeaders: undefined, serviceName: 'tollgate' },
} satisfies Partial<Config>;

const POLICIES = {
  retry: { maxAttempts: 3, baseMs: 200, maxMs: 5_000, budgetRatio: 0.1 },
  // Suites script more failures than any provider has: a breaker opens only where its opening is the matter.
  breaker: {
    failureRatio: 0.5,
    minimumCalls: 1_000_000,
    windowMs: 2_000,
    consecutive: 1_000_000,
    openMs: 15_000,
    halfOpenCalls: 2,
    slowCallMs: 60_000,
  },
  cache: {
    mode: 'deterministic',
    ttlSeconds: 3_600,
    maxEntryBytes: 1_048_576,
    maxBytes: 268_435_456,
    semantic: { enabled: false, threshold: 0.95, model: undefined },
  },
  limits: { requestsPerMinute: 0, requestsPerHour: 0, tokensPerMinute: 0, concurrency: 0 },
  prices: [],
  costPerToken: { exact: [], families: [] },
  unpriced: { policy: 'unbudgeted' },
  billing: {
    onClientAbort: 'cancel',
    onUnknownUsage: 'held',
    billFailedAttempts: 'provider',
    costSource: 'computed',
    priceSyncHours: 0,
  },
  privacy: { storeBodies: 'off', bodiesMaxBytes: 262_144, hashUsers: false },
  retention: { ledgerDays: 0, bodiesDays: 30, auditDays: 0 },
  alerts: { allowPrivateWebhooks: false },
} satisfies Partial<Config>;

const VALID: Config = { ...PLATFORM, ...POLICIES, ...ROUTES };
