import { GatewayError } from '../../../core/errors.js';
import { makeId } from '../../../core/ids.js';
import type { StatedPrice, StatedRate } from '../stated-price.js';

/** Who says it: an administrator, or a list that a provider publishes. */
export const OVERRIDE_ORIGINS = ['admin', 'sync'] as const;
export type OverrideOrigin = (typeof OVERRIDE_ORIGINS)[number];

/** What a model costs from a moment on. Times are epoch milliseconds. */
export interface PriceOverride {
  readonly id: string;
  /** A provider's name; undefined = wherever the model is. */
  readonly provider: string | undefined;
  /** As the provider knows it. */
  readonly model: string;
  /** Calls that are admitted from then on. */
  readonly from: number;
  /** A bucket left out stays as the next source has it. */
  readonly rates: StatedPrice;
  /** By rising threshold; a bucket that a tier leaves out costs what it does below. */
  readonly tiers: StatedRate['tiers'];
  readonly origin: OverrideOrigin;
  readonly createdAt: number;
  /** The id of the key that asked for it. */
  readonly createdBy: string;
  /** Taken back; it held until then. */
  readonly removedAt: number | undefined;
}

/** An override as it is asked for; each field has passed its rule in `PRICE_RULES`. */
export interface OverrideWishes extends Pick<PriceOverride, 'provider' | 'model' | 'rates' | 'tiers' | 'origin'> {
  /** undefined = now. */
  readonly from: number | undefined;
}

/** Throws `invalid_request` where it would price nothing, the past, or one size of input twice. */
export function toOverride(wishes: OverrideWishes, createdBy: string, nowMs: number): PriceOverride {
  const { provider, model, from = nowMs, rates, origin } = wishes;
  const tiers = wishes.tiers.toSorted((one, other) => one.aboveInputTokens - other.aboveInputTokens);
  if (from < nowMs)
    throw unfit(
      'from',
      '`from` lies in the past, and what calls have cost is never changed. Leave it out for a price that holds from now on.',
    );
  if ([rates, ...tiers.map(({ stated }) => stated)].every((stated) => Object.keys(stated).length === 0))
    throw unfit('rates', '`rates` names no price. Name at least one, such as {"input": "2.50", "output": "10"}.');
  if (tiers.some(({ aboveInputTokens }, at) => aboveInputTokens === tiers[at - 1]?.aboveInputTokens))
    throw unfit('tiers', '`tiers` has two that begin above the same input. Leave one of them out.');
  return { id: makeId(nowMs), provider, model, from, rates, tiers, origin, createdAt: nowMs, createdBy, removedAt: undefined };
}

function unfit(param: string, message: string): GatewayError {
  return new GatewayError('invalid_request', message, { param });
}
