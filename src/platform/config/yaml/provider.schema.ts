import { z } from 'zod';
import { flag, providerName, text, variable, webAddress, whole } from './scalars.js';
import { expecting, setting } from './setting.js';

const NOT_SPOKEN = 'this version does not speak it yet; remove this provider';
const NOT_YET = { effective: false } as const;

export const PROVIDER_TYPES = ['openai', 'deepseek', 'openrouter', 'openai-compatible', 'echo'] as const;

const variables = () => expecting('a list of names of environment variables', z.array(variable()).min(1));
const modelNames = () => expecting('a list of names', z.array(text()).min(1));
const headers = () => expecting('a mapping of names to texts', z.record(z.string(), z.string()));

const timeouts = z.strictObject({
  connect_ms: setting(whole(1).default(2_000), 'Until the connection stands.'),
  first_token_ms: setting(whole(1).default(300_000), 'Streams: until the first event.'),
  idle_ms: setting(whole(1).default(300_000), 'Streams: between two events.'),
  total_ms: setting(whole(1).default(600_000), 'The whole answer.'),
});

export const providerSchema = z.strictObject({
  name: setting(providerName(), 'Unique. With the name of a provider that the environment switches on, what stands here wins, key by key.'),
  type: setting(z.enum(PROVIDER_TYPES).optional(), 'What it speaks.', {
    unset: 'the name, if that is a type',
    refused: { anthropic: NOT_SPOKEN, ollama: NOT_SPOKEN },
  }),
  base_url: setting(webAddress().optional(), 'Where it is, up to and including `/v1`.', {
    unset: "the type's `…_API_BASE`; required for `openai-compatible`",
  }),
  api_key_env: setting(variable().optional(), 'The variable that holds its key (or `…_FILE` the path to it).', {
    unset: "the type's `…_API_KEY`; for `openai-compatible` no key",
    hidden: true,
  }),
  api_keys_env: setting(variables().optional(), 'Instead: the variables of several keys, used in turn.', { hidden: true }),
  models: setting(modelNames().optional(), 'The models it lists: exact names, or patterns with `*`.', {
    unset: 'any name goes through',
  }),
  enabled: setting(flag().default(true), '`false`: not used, and its key may be missing.'),
  priority: setting(whole(0).default(1), 'Lower is tried first.'),
  weight: setting(whole(1).default(1), 'Its share of the calls among providers of one priority.', NOT_YET),
  dialects: setting(
    z
      .array(z.enum(['openai-chat', 'openai-responses', 'anthropic-messages', 'ollama', 'embeddings']))
      .min(1)
      .default(['openai-chat']),
    'The APIs it speaks.',
    { inEffect: ['openai-chat'] },
  ),
  timeouts: setting(timeouts.prefault({}), 'Deadlines of one attempt, in milliseconds.'),
  max_concurrency: setting(whole(0).default(0), 'Calls at the same time; further ones wait for a connection; 0 = no limit.'),
  headers: setting(headers().default({}), 'Sent with every request. Not for credentials.', { hidden: true }),
  trust_unknown: setting(flag().default(false), 'Request fields that Tollgate does not know go through even under a budget.', NOT_YET),
  stream_options: setting(flag().default(true), '`false`: it does not understand `stream_options`; its tokens are counted.', NOT_YET),
});

export type ProviderYaml = z.infer<typeof providerSchema>;
