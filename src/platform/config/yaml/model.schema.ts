import { z } from 'zod';
import { STRATEGIES } from '../provider-config.js';
import { providerName, price, text, whole } from './scalars.js';
import { setting } from './setting.js';

const AS_PROVIDER = { unset: "as the provider's" } as const;

const place = {
  provider: setting(providerName(), 'Name of a provider.'),
  model: setting(text(), "The provider's name of the model."),
};
const target = z.strictObject({ ...place, weight: setting(whole(1).default(1), 'Its share under the strategy `weighted`.') });
const fallback = z.strictObject(place);

/** None is later than the provider's own: a route can only be in more of a hurry. */
const timeouts = z.strictObject({
  first_token_ms: setting(whole(1).optional(), 'Streams: until the first event.', AS_PROVIDER),
  idle_ms: setting(whole(1).optional(), 'Streams: between two events.', AS_PROVIDER),
  total_ms: setting(whole(1).optional(), 'The whole call, over all its attempts.', AS_PROVIDER),
});

const STRATEGY =
  'In which order the targets are tried. `priority`: as they stand. `weighted`: by chance, each by its weight. ' +
  '`latency`: of two taken by chance the one that answers sooner, then the others. ' +
  '`cost`: the cheapest for the length of the prompt and the limit on the answer; those without a price last. ' +
  'In all of them targets that have been failing, or whose keys all rest, come last.';

export const modelSchema = z.strictObject({
  name: setting(text(), 'What clients ask for. Unique.'),
  strategy: setting(z.enum(STRATEGIES).default('priority'), STRATEGY),
  targets: setting(z.array(target).min(1), 'Where it leads.'),
  on_context_overflow: setting(z.array(fallback).default([]), 'Where a prompt goes that a target finds too long.'),
  on_content_policy: setting(z.array(fallback).default([]), 'Where a prompt goes that a provider refuses for its content.'),
  timeouts: setting(timeouts.prefault({}), 'Deadlines of its calls, in milliseconds, where they are shorter than those of the provider.'),
});

export const priceSchema = z.strictObject({
  model: setting(text(), "The model's name."),
  input: setting(price(), 'US dollars for the input tokens.'),
  output: setting(price(), 'US dollars for the output tokens.'),
  cache_read: setting(price().optional(), 'US dollars for input tokens that the provider had cached.', {
    unset: 'as the built-in list has it',
  }),
  cache_write: setting(price().optional(), 'US dollars for input tokens that the provider caches.', {
    unset: 'as the built-in list has it',
  }),
  reasoning: setting(price().optional(), 'US dollars for output tokens that are reasoning.', { unset: 'as `output`' }),
  request: setting(price().optional(), 'US dollars for each call, whatever `per` says.', { unset: 'as the built-in list has it' }),
  per: setting(whole(1).default(1_000_000), 'How many tokens these prices are for.'),
});

export type ModelYaml = z.infer<typeof modelSchema>;
export type PriceYaml = z.infer<typeof priceSchema>;
