import type { Settings } from '../../core/conversation.js';
import type { Feature, FeatureUse } from '../../core/features.js';
import { isObject, listOf, textOf, type WireObject } from './wire-value.js';

interface Field {
  readonly key: string;
  readonly setting: keyof Settings;
  readonly feature: Feature;
  readonly type: 'number' | 'string' | 'boolean' | 'object';
  /** What absent means: the same as not to say it. */
  readonly usual?: unknown;
}

const FIELDS: readonly Field[] = [
  { key: 'top_p', setting: 'topP', feature: 'top_p', type: 'number' },
  // Not OpenAI's, but understood by most who speak its dialect.
  { key: 'top_k', setting: 'topK', feature: 'top_k', type: 'number' },
  { key: 'frequency_penalty', setting: 'frequencyPenalty', feature: 'frequency_penalty', type: 'number', usual: 0 },
  { key: 'presence_penalty', setting: 'presencePenalty', feature: 'presence_penalty', type: 'number', usual: 0 },
  { key: 'seed', setting: 'seed', feature: 'seed', type: 'number' },
  { key: 'n', setting: 'choices', feature: 'choices', type: 'number', usual: 1 },
  { key: 'logit_bias', setting: 'logitBias', feature: 'logit_bias', type: 'object' },
  { key: 'verbosity', setting: 'verbosity', feature: 'verbosity', type: 'string' },
  { key: 'service_tier', setting: 'serviceTier', feature: 'service_tier', type: 'string', usual: 'auto' },
  { key: 'metadata', setting: 'metadata', feature: 'metadata', type: 'object' },
  { key: 'prompt_cache_key', setting: 'promptCacheKey', feature: 'prompt_cache', type: 'string' },
  { key: 'store', setting: 'store', feature: 'store', type: 'boolean', usual: false },
];

/** Fields whose counterpart, if there is one at all, the provider of another dialect has not. */
const ONLY_NOTED: readonly (readonly [string, Feature])[] = [
  ['audio', 'output.audio'],
  ['prediction', 'prediction'],
  ['web_search_options', 'web_search'],
  ['moderation', 'moderation'],
];

const SPECIAL = [
  'max_tokens',
  'max_completion_tokens',
  'temperature',
  'stop',
  'logprobs',
  'top_logprobs',
  'user',
  'safety_identifier',
  'modalities',
];

/** Every field of a body that is read here. */
export const SETTING_KEYS: readonly string[] = [...FIELDS.map(({ key }) => key), ...ONLY_NOTED.map(([key]) => key), ...SPECIAL];

/** Everything of a body that is neither message nor tool nor form of the answer. */
export function decodeSettings(wire: WireObject, uses: FeatureUse): Settings {
  const settings: { -readonly [Key in keyof Settings]: unknown } = {};
  for (const field of FIELDS) {
    const value = wire[field.key];
    if (value == null || value === field.usual || isEmpty(value)) continue;
    if (typeof value !== field.type) uses.note('unknown', field.key);
    else {
      settings[field.setting] = value;
      uses.note(field.feature, field.key);
    }
  }
  for (const [key, feature] of ONLY_NOTED) if (wire[key] != null) uses.note(feature, key);
  noteModalities(wire, uses);
  return { ...(settings as Settings), ...limits(wire), ...sampling(wire, uses), ...endUser(wire, uses) };
}

function isEmpty(value: unknown): boolean {
  return value === '' || (isObject(value) && Object.keys(value).length === 0);
}

function limits(wire: WireObject): Settings {
  const maxTokens = wire['max_completion_tokens'] ?? wire['max_tokens'];
  return typeof maxTokens === 'number' ? { maxTokens } : {};
}

function sampling(wire: WireObject, uses: FeatureUse): Settings {
  const { temperature } = wire;
  const stop = (typeof wire['stop'] === 'string' ? [wire['stop']] : listOf(wire['stop'])).filter((text) => textOf(text) !== undefined);
  const top = wire['top_logprobs'];
  if (typeof temperature === 'number') uses.note(temperature > 1 ? 'temperature.above_1' : 'temperature', 'temperature');
  if (stop.length > 0) uses.note('stop', 'stop');
  if (wire['logprobs'] === true) uses.note('logprobs', 'logprobs');
  return {
    ...(typeof temperature === 'number' ? { temperature } : {}),
    ...(stop.length > 0 ? { stop: stop as string[] } : {}),
    ...(wire['logprobs'] === true ? { logprobs: typeof top === 'number' ? top : 0 } : {}),
  };
}

function endUser(wire: WireObject, uses: FeatureUse): Settings {
  const keys = ['safety_identifier', 'user'].filter((key) => textOf(wire[key]) !== undefined);
  for (const key of keys) uses.note('end_user', key);
  return keys.length > 0 ? { endUser: textOf(wire[keys[0]!]) } : {};
}

function noteModalities(wire: WireObject, uses: FeatureUse): void {
  for (const modality of listOf(wire['modalities'])) {
    if (modality !== 'text') uses.note(modality === 'audio' ? 'output.audio' : 'content.unknown', 'modalities');
  }
}
