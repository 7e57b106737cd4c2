import { z } from 'zod';
import { CACHE_MODES } from '../config.js';
import { modelSchema, priceSchema } from './model.schema.js';
import { providerSchema } from './provider.schema.js';
import { flag, providerName, ratio, text, whole } from './scalars.js';
import { setting } from './setting.js';

const NOT_YET = { effective: false } as const;

/** A provider that is not configured simply has no models: these may name any of them. */
export const DEFAULT_PREFIXES = { 'gpt-': 'openai', 'claude-': 'anthropic', 'anthropic-': 'anthropic', 'deepseek-': 'deepseek' };

const routing = z.strictObject({
  prefixes: setting(
    z.record(z.string().min(1), providerName()).optional(),
    "How a model's name begins, and the provider that it then goes to. Given, it takes the place of the default.",
    {
      unset: Object.entries(DEFAULT_PREFIXES)
        .map(([prefix, provider]) => `\`${prefix}: ${provider}\``)
        .join(', '),
    },
  ),
});

const retry = z.strictObject({
  max_attempts: setting(whole(1).default(3), 'Attempts at one call, over all targets.'),
  base_ms: setting(whole(0).default(200), 'The longest first pause before a target is asked again; it doubles each time.'),
  max_ms: setting(whole(0).default(5_000), 'The longest pause. A caller is told if a provider asks for a longer one.'),
  budget_ratio: setting(ratio().default(0.1), 'Repeated attempts at one provider, as a share of its calls.'),
});

const breaker = z.strictObject({
  failure_ratio: setting(ratio().default(0.5), 'Share of failures at which it opens.'),
  minimum_calls: setting(whole(1).default(10), 'Calls below which the share means nothing.'),
  window_ms: setting(whole(1).default(2_000), 'The time it looks back.'),
  consecutive: setting(whole(1).default(20), 'Failures in a row at which it opens.'),
  open_ms: setting(whole(1).default(15_000), 'How long it stays open.'),
  half_open_calls: setting(whole(1).default(2), 'Calls that then try whether it may close.'),
  slow_call_ms: setting(whole(0).default(60_000), 'Streams whose first event comes later count as failures; 0 = none do.'),
});

const semantic = z.strictObject({
  enabled: setting(flag().default(false), 'Answer similar questions from the cache. Needs a Postgres with pgvector.'),
  threshold: setting(ratio().default(0.95), 'How similar they must be.'),
  model: setting(text().optional(), 'The embedding model that compares.', { unset: 'none' }),
});

const cache = z.strictObject({
  mode: setting(z.enum(CACHE_MODES).optional(), 'As `CACHE_MODE`; the variable wins.', { unset: '`CACHE_MODE`' }),
  ttl_seconds: setting(whole(1).optional(), 'As `CACHE_TTL_SECONDS`; the variable wins.', { unset: '`CACHE_TTL_SECONDS`' }),
  max_entry_bytes: setting(whole(1).default(1_048_576), 'The longest answer that is cached.'),
  max_bytes: setting(whole(0).default(268_435_456), 'Memory of one process for cached answers.'),
  semantic: setting(semantic.prefault({}), 'Answers to similar questions.'),
});

const limits = z.strictObject({
  requests_per_minute: setting(whole(0).optional(), 'As `MAX_REQUESTS_PER_MINUTE`; the variable wins.', {
    unset: '`MAX_REQUESTS_PER_MINUTE`',
  }),
  requests_per_hour: setting(whole(0).optional(), 'As `MAX_REQUESTS_PER_HOUR`; the variable wins.', { unset: '`MAX_REQUESTS_PER_HOUR`' }),
  tokens_per_minute: setting(whole(0).default(0), '0 = no limit.'),
  concurrency: setting(whole(0).default(0), 'Calls of one key at the same time; 0 = no limit.'),
});

/** The whole file. */
export const fileSchema = z.strictObject({
  providers: setting(z.array(providerSchema).default([]), 'The accounts that calls go to.'),
  models: setting(z.array(modelSchema).default([]), 'Names that clients use, and where they lead.'),
  routing: setting(routing.prefault({}), "Where a model's name leads that no provider lists."),
  retry: setting(retry.prefault({}), 'How often one call is tried. Another target always comes before the same one again.'),
  breaker: setting(breaker.prefault({}), 'When a failing model of a provider is left alone.'),
  cache: setting(cache.prefault({}), 'The answer cache.', NOT_YET),
  limits: setting(limits.prefault({}), 'For keys and end users without limits of their own.'),
  prices: setting(z.array(priceSchema).default([]), 'Prices that take the place of the built-in ones.'),
  templates: setting(text().optional(), 'Folder of prompt templates (`*.yaml`), seen from this file.', { ...NOT_YET, unset: 'none' }),
});

export type FileYaml = z.infer<typeof fileSchema>;
