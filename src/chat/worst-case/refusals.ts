import { GatewayError } from '../../core/errors.js';
import { type PricedModel, RATES } from '../../core/price.js';
import type { PricedTarget } from '../../core/target.js';
import type { Concern, PriceBearing } from '../../dialects/index.js';

/** Names that stand for more than a model: OpenRouter's web search, its faster hosts and its stored presets, and models that search by themselves. */
const DEARER_NAMES = /:(?:online|nitro)\b|@preset\/|-search-(?:preview|api)\b|^perplexity\//;

/** Throws what a caller under a budget is told where what it asks of a target has no price. */
export function refuseUnpriceable({ concerns }: PriceBearing, target: PricedTarget, isRelayed: boolean): void {
  const { priced, provider, model } = target;
  if (!priced) throw unpriced(model);
  if (isFree(priced) && provider.type !== 'openrouter') return;
  if (DEARER_NAMES.test(model)) throw dearerName(model);
  const concern = concerns.find(
    ({ isCarried, reason }) => (isRelayed || isCarried) && (reason !== undefined || !provider.trustsUnknownFields),
  );
  if (concern) throw unpriceable(concern);
}

/** Nothing that is asked of it costs anything. */
export function isFree({ price, tiers = [] }: PricedModel): boolean {
  return [price, ...tiers.map((tier) => tier.price)].every((one) => RATES.every((rate) => (one[rate] ?? 0n) === 0n));
}

function unpriced(model: string): GatewayError {
  const message = `The model \`${model}\` has no price, so a key with a budget cannot call it. Ask an administrator to set one, or call another model.`;
  return new GatewayError('forbidden', message, { param: 'model' });
}

function dearerName(model: string): GatewayError {
  const message = `A key with a budget cannot call \`${model}\`: by its name it is charged for more than its tokens. Call the model itself.`;
  return new GatewayError('unsupported_parameter', message, { param: 'model' });
}

function unpriceable({ field, part, reason }: Concern): GatewayError {
  const what = part === undefined ? `\`${field}\`` : `content of the type \`${part}\` in \`${field}\``;
  const why = reason ?? 'the gateway does not know what it costs';
  const way = reason === undefined ? 'Leave it out, or ask an administrator to set `trust_unknown` for the provider.' : 'Leave it out.';
  return new GatewayError('unsupported_parameter', `A key with a budget cannot send ${what} to this model: ${why}. ${way}`, {
    param: field,
  });
}

/** For what can be as long as the context window of a model of which nobody knows one. */
export function unboundable({ keptPrompt }: PriceBearing, model: string): GatewayError {
  const what = keptPrompt === undefined ? 'a document or file' : `\`${keptPrompt}\``;
  const message = `A key with a budget cannot send ${what} to \`${model}\`: the gateway cannot tell how many tokens that has at most. Send its text, or ask another model.`;
  return new GatewayError('unsupported_parameter', message, keptPrompt === undefined ? {} : { param: keptPrompt });
}
