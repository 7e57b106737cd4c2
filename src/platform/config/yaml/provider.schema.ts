import { z } from 'zod';
import { DIALECT_NAMES } from '../../../core/call.js';
import { oneOf } from '../environment/kind.js';
import { describeDialects } from '../provider-dialects.js';
import { flag, providerName, text, variable, webAddress, whole } from './scalars.js';
import { expecting, setting } from './setting.js';

export const PROVIDER_TYPES = ['openai', 'anthropic', 'deepseek', 'openrouter', 'ollama', 'openai-compatible', 'echo'] as const;

const variables = () => expecting('a list of names of environment variables', z.array(variable()).min(1));
const dialects = () => expecting(`a list of ${oneOf(DIALECT_NAMES)}`, z.array(z.enum(DIALECT_NAMES)).min(1));
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
  type: setting(z.enum(PROVIDER_TYPES).optional(), 'What it is.', { unset: 'the name, if that is a type' }),
  base_url: setting(webAddress().optional(), 'Where it is, up to and including `/v1`; for `anthropic` and `ollama` with or without it.', {
    unset: "the type's `…_API_BASE`; for `ollama` its `OLLAMA_BASE_URL`; required for `openai-compatible`",
  }),
  api_key_env: setting(variable().optional(), 'The variable that holds its key (or `…_FILE` the path to it).', {
    unset: "the type's `…_API_KEY`; for `openai-compatible` and `ollama` no key",
    hidden: true,
  }),
  api_keys_env: setting(variables().optional(), 'Instead: the variables of several keys, used in turn.', { hidden: true }),
  models: setting(modelNames().optional(), 'The models it lists: exact names, or patterns with `*`.', {
    unset: 'any name goes through',
  }),
  enabled: setting(flag().default(true), '`false`: not used, and its key may be missing.'),
  priority: setting(whole(0).default(1), 'Lower is tried first.'),
  weight: setting(whole(1).default(1), 'Its share of the calls among providers of one priority.'),
  dialects: setting(
    dialects().optional(),
    `The APIs it is spoken to in: the client's own if it stands here, else the first that can carry the call. Besides the default may stand here ${describeDialects('more')}.`,
    { unset: describeDialects('standard') },
  ),
  timeouts: setting(timeouts.prefault({}), 'Deadlines of one attempt, in milliseconds.'),
  max_concurrency: setting(whole(0).default(0), 'Calls at the same time; further ones wait for a connection; 0 = no limit.'),
  headers: setting(headers().default({}), 'Sent with every request. Not for credentials.', { hidden: true }),
  trust_unknown: setting(flag().default(false), 'Request fields that Tollgate does not know go through even under a budget.'),
  stream_options: setting(flag().default(true), '`false`: it does not understand `stream_options`; its tokens are counted.'),
  max_tokens_field: setting(
    z.enum(['max_tokens', 'max_completion_tokens']).optional(),
    'The field in which its Chat Completions take a limit on the answer, where a request is translated.',
    { unset: '`max_completion_tokens` for `openai`, else `max_tokens`' },
  ),
});

export type ProviderYaml = z.infer<typeof providerSchema>;
