import type { Settings } from '../../core/conversation.js';
import type { Feature, FeatureUse } from '../../core/features.js';
import type { OllamaChatRequest, OllamaOptions } from './ollama.wire.js';
import { withoutAbsent } from './without-absent.js';

/** Settings as Ollama's `options`; `undefined` if there are none. */
export function toOptions(settings: Settings): OllamaOptions | undefined {
  const options: OllamaOptions = withoutAbsent({
    num_predict: settings.maxTokens,
    temperature: settings.temperature,
    top_p: settings.topP,
    top_k: settings.topK,
    frequency_penalty: settings.frequencyPenalty,
    presence_penalty: settings.presencePenalty,
    seed: settings.seed,
    stop: settings.stop,
  });
  return Object.keys(options).length === 0 ? undefined : options;
}

const FEATURE_OF: Readonly<Record<string, Feature>> = {
  top_p: 'top_p',
  top_k: 'top_k',
  frequency_penalty: 'frequency_penalty',
  presence_penalty: 'presence_penalty',
  seed: 'seed',
};
const OPENAI_STOPS = 4;

/** The settings of a request; options without a counterpart are noted as unknown. */
export function readSettings({ options = {}, logprobs, top_logprobs }: OllamaChatRequest, uses: FeatureUse): Settings {
  for (const [name, value] of Object.entries(options)) noteOption(name, value, uses);
  if (logprobs) uses.note('logprobs', 'logprobs');
  return withoutAbsent<Settings>({
    // A number below zero means no limit.
    maxTokens: options.num_predict !== undefined && options.num_predict >= 0 ? options.num_predict : undefined,
    temperature: options.temperature,
    topP: options.top_p,
    topK: options.top_k,
    frequencyPenalty: options.frequency_penalty,
    presencePenalty: options.presence_penalty,
    seed: options.seed,
    stop: options.stop?.length ? options.stop : undefined,
    logprobs: logprobs ? (top_logprobs ?? 0) : undefined,
  });
}

function noteOption(name: string, value: unknown, uses: FeatureUse): void {
  const field = `options.${name}`;
  switch (name) {
    case 'num_predict':
      return;
    case 'temperature':
      return uses.note(typeof value === 'number' && value > 1 ? 'temperature.above_1' : 'temperature', field);
    case 'stop':
      if (Array.isArray(value) && value.length > 0) uses.note(value.length > OPENAI_STOPS ? 'stop.many' : 'stop', field);
      return;
    default:
      return uses.note(FEATURE_OF[name] ?? 'unknown', field);
  }
}
