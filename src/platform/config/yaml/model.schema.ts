import { z } from 'zod';
import { STRATEGIES } from '../provider-config.js';
import { providerName, price, text, whole } from './scalars.js';
import { setting } from './setting.js';

const NOT_YET = { effective: false } as const;

const target = z.strictObject({
  provider: setting(providerName(), 'Name of a provider.'),
  model: setting(text(), "The provider's name of the model."),
  weight: setting(whole(1).default(1), 'Its share under the strategy `weighted`.', NOT_YET),
});

export const modelSchema = z.strictObject({
  name: setting(text(), 'What clients ask for. Unique.'),
  strategy: setting(z.enum(STRATEGIES).default('priority'), '`priority`: the targets are tried in the order in which they stand.', {
    inEffect: ['priority'],
  }),
  targets: setting(z.array(target).min(1), 'Where it leads.'),
  on_context_overflow: setting(z.array(target).default([]), 'Where a prompt goes that is too long for the targets.', NOT_YET),
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
  per: setting(whole(1).default(1_000_000), 'How many tokens these prices are for.'),
});

export type ModelYaml = z.infer<typeof modelSchema>;
export type PriceYaml = z.infer<typeof priceSchema>;
