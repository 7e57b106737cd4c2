import { chargeOf, type PricedModel } from '../../src/core/price.js';
import type { ProviderType } from '../../src/core/provider.js';
import { NO_USAGE, type Usage } from '../../src/core/usage.js';
import { CODECS } from '../../src/dialects/index.js';
import { PriceBook } from '../../src/usage/price-book.js';
import { loadGenaiPrices } from '../../src/usage/prices/genai-prices.js';
import { OperatorPrices } from '../../src/usage/prices/operator-price.js';
import { completePrice } from '../../src/usage/prices/stated-price.js';

/** Epoch milliseconds at which published prices are asked for. */
export const NOON = Date.parse('2026-11-20T12:00:00Z');
const NO_AUDIO = { audioInput: 0n, audioOutput: 0n };

const bundled = await loadGenaiPrices();

/** The list that comes with the gateway, with nothing above it. */
export const publishedBook = new PriceBook(new OperatorPrices({ prices: [], costPerToken: { exact: [], families: [] } }), bundled);

/** Millionths of a US dollar, as prices per million tokens make them, in nano-dollars; written as text, so that nothing is a float. */
export function millionths(text: string): bigint {
  const [whole = '', fraction = ''] = text.replaceAll(',', '').split('.');
  return BigInt(whole + fraction.padEnd(3, '0'));
}

/** In nano-dollars; what `usage` leaves out is 0. */
export function costAt(model: PricedModel, usage: Partial<Usage>, serviceTier?: string): bigint {
  return chargeOf(model, { ...NO_USAGE, ...usage }, serviceTier).costNanoUsd;
}

/** What the bundled list makes a provider of this type charge. Throws if it has no such model. */
export function listed(type: ProviderType, model: string): PricedModel {
  const found = publishedBook.find({ name: type, type }, model, NOON);
  if (!found) throw new Error(`${type} has no ${model}`);
  return found;
}

/** The same of a provider that the gateway has no type for, by the name of its list. */
export function listedAt(list: string, model: string): PricedModel {
  const rate = bundled.findModel(list, model)?.rates.at(-1);
  const price = rate && completePrice(rate.base, NO_AUDIO);
  if (!price) throw new Error(`${list} has no ${model}`);
  const tiers = rate.tiers.map(({ aboveInputTokens, stated }) => ({ aboveInputTokens, price: completePrice(stated, NO_AUDIO)! }));
  return { id: model, version: 'test', price, tiers };
}

/** What our reader of a dialect makes of the usage in a provider's whole answer. */
export function usageIn(dialect: keyof typeof ANSWERS, usage: object): Usage {
  let found: Usage | undefined;
  const decoder = CODECS[dialect].decoder(false, (event) => {
    if (event.kind === 'usage') found = event.usage;
  });
  decoder.read(Buffer.from(JSON.stringify({ ...ANSWERS[dialect], usage })));
  decoder.end();
  if (!found) throw new Error('the answer says nothing of its usage');
  return found;
}

const ANSWERS = {
  'openai-chat': {
    id: 'chatcmpl-1',
    object: 'chat.completion',
    created: 1,
    model: 'm',
    choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
  },
  'openai-responses': {
    id: 'resp_1',
    object: 'response',
    created_at: 1,
    model: 'm',
    status: 'completed',
    output: [
      {
        type: 'message',
        id: 'msg_1',
        role: 'assistant',
        status: 'completed',
        content: [{ type: 'output_text', text: 'Hi', annotations: [] }],
      },
    ],
  },
  'anthropic-messages': {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'm',
    content: [{ type: 'text', text: 'Hi' }],
    stop_reason: 'end_turn',
    stop_sequence: null,
  },
};
